package dev.skiff.oci;

import dev.skiff.oci.Document.Index;
import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Copies manifests and what they consist of from one repository to another; nothing is kept here. */
final class Copy {
    private final Repository from;
    private final Repository.Fetched root;
    private final Repository to;
    private final Set<Digest> copied = new HashSet<>();

    Copy(Registry.Found source, Repository to) {
        from = source.repository();
        root = source.manifest();
        this.to = to;
    }

    Descriptor run(Reference target) {
        Digest digest = root.descriptor().digest();
        if (target.digest().isPresent() && !target.digest().get().equals(digest)) {
            throw new OciException(
                    Problem.INVALID, "cannot copy to " + target + ": what is copied has the digest " + digest);
        }
        Document document = content(root, 0);
        to.putManifest(
                target.tag().orElseGet(() -> root.descriptor().digest().toString()),
                document.mediaType(),
                root.bytes());
        return Descriptor.of(document.mediaType(), root.descriptor().digest(), root.bytes().length);
    }

    /** Copies what a manifest or index consists of, but not itself. */
    private Document content(Repository.Fetched fetched, int nested) {
        String what = "the manifest " + fetched.descriptor().digest() + " of " + from.name();
        Document document =
                Document.parse(fetched.bytes(), Optional.of(fetched.descriptor().mediaType()), what);
        if (document instanceof Index index) {
            if (nested > Document.MAX_NESTED_INDEXES) {
                throw new OciException(Problem.INVALID, what + " is in indexes in indexes without an end");
            }
            for (Descriptor child : index.manifests()) {
                if (copied.add(child.digest())) {
                    Repository.Fetched next = from.manifest(child.digest().toString(), Optional.of(child.digest()));
                    Document copy = content(next, nested + 1);
                    to.putManifest(child.digest().toString(), copy.mediaType(), next.bytes());
                }
            }
            return document;
        }
        Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
        document.children().forEach(child -> blobs.putIfAbsent(child.digest(), child));
        boolean sameRegistry = from.endpoint.host().equals(to.endpoint.host());
        Optional<String> elsewhere = sameRegistry ? Optional.of(from.endpoint.repository()) : Optional.empty();
        Parallel.forEach(
                blobs.values(),
                to.transport.options().parallel(),
                blob -> BlobUpload.run(to, blob, source(blob), elsewhere));
        return document;
    }

    private ContentSource source(Descriptor blob) {
        return offset -> {
            Call call = Call.of(
                            "GET",
                            from.uri("blobs/" + blob.digest()),
                            from.toPull(),
                            "get the blob " + blob.digest() + " of " + from.name())
                    .expect(200, 206);
            Answer answer = from.send(offset == 0 ? call : call.header("Range", "bytes=" + offset + "-"));
            InputStream body = answer.body();
            if (offset > 0 && answer.status() == 200) {
                skip(body, offset);
            }
            return body;
        };
    }

    private static void skip(InputStream body, long bytes) throws IOException {
        try {
            body.skipNBytes(bytes);
        } catch (IOException e) {
            body.close();
            throw e;
        }
    }
}
