package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One repository at one place (OCI distribution specification 1.1): manifests and what refers to them. Blobs are transferred by
 * {@link BlobDownload} and {@link BlobUpload}. Thread-safe.
 */
final class Repository {
    private static final String PULL = "pull";
    private static final String PUSH = "pull,push";
    private static final int MAX_PAGES = 100;
    private static final Pattern NEXT = Pattern.compile("<([^>]*)>[^,]*;\\s*rel=\"?next\\b");
    private static final String DIGEST_HEADER = "docker-content-digest";

    final Transport transport;
    final Endpoint endpoint;
    /** What is meant; a mirror has it elsewhere. */
    final Reference reference;

    final TransferListener listener;
    private Optional<URI> base = Optional.empty();

    Repository(Transport transport, Endpoint endpoint, Reference reference, TransferListener listener) {
        this.transport = transport;
        this.endpoint = endpoint;
        this.reference = reference;
        this.listener = listener;
    }

    List<String> toPull() {
        return List.of("repository:" + endpoint.repository() + ":" + PULL);
    }

    List<String> toPush() {
        return List.of("repository:" + endpoint.repository() + ":" + PUSH);
    }

    /** Asks the registry when it is first needed: of mirrors and what they copy, some are not. */
    synchronized URI uri(String path) {
        URI root = base.orElseGet(() -> transport.uri(endpoint, "/v2/" + endpoint.repository() + "/"));
        base = Optional.of(root);
        return root.resolve(path);
    }

    Answer send(Call call) {
        return transport.send(call, endpoint, listener);
    }

    /**
     * An answer with all of its body.
     *
     * @param head the answer, closed
     * @param bytes its body, or one byte more than was wanted of a larger one
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Whole(Answer head, byte[] bytes) {
        Optional<String> header(String name) {
            return head.header(name);
        }

        String mediaType() {
            return header("content-type").map(MediaTypes::bare).orElse("");
        }
    }

    /** Gets a small answer; asks again where the connection breaks within it. */
    private Whole get(Call call, int limit) {
        for (int attempt = 1; ; attempt++) {
            Answer answer = send(call);
            try (InputStream body = answer.body()) {
                return new Whole(answer, body.readNBytes(limit + 1));
            } catch (IOException e) {
                OciException failure = Failures.of(call, e);
                if (attempt >= transport.options().attempts()) {
                    throw failure;
                }
                listener.note(failure.getMessage() + "; trying again");
                Transport.sleep(transport.backOff(attempt));
            }
        }
    }

    /** Sends something of whose answer only the status and headers are of interest. */
    Answer sendAndClose(Call call) {
        Answer answer = send(call);
        try (InputStream body = answer.body()) {
            body.readNBytes(1 << 16);
        } catch (IOException e) {
            listener.note("the rest of an answer was lost: " + e.getMessage());
        }
        return answer;
    }

    /** What people call the place. */
    String name() {
        return endpoint.host() + "/" + endpoint.repository();
    }

    // Manifests

    /**
     * A manifest or an index as it came.
     *
     * @param descriptor its type as it was said, its digest and size
     * @param bytes its text
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Fetched(Descriptor descriptor, byte[] bytes) {}

    /**
     * Gets a manifest.
     *
     * @param target a tag or digest
     * @param expected its digest, if it is known; something else is refused
     */
    Fetched manifest(String target, Optional<Digest> expected) {
        String what = "the manifest " + target + " of " + name();
        Call call = Call.of("GET", uri("manifests/" + target), toPull(), "get " + what)
                .header("Accept", String.join(", ", MediaTypes.MANIFESTS));
        Whole answer = get(call, Document.MAX_BYTES);
        byte[] bytes = answer.bytes();
        String type = answer.mediaType();
        if (MediaTypes.isSchema1(type)) {
            // The digest of a signed one is not that of its bytes.
            throw Document.unsupported(type, what);
        }
        if (bytes.length > Document.MAX_BYTES) {
            throw new OciException(Problem.TOO_LARGE, what + " has more than " + Document.MAX_BYTES + " bytes");
        }
        Optional<Digest> said = expected.or(() -> answer.header(DIGEST_HEADER).map(Digest::parse));
        Digest digest = said.map(d -> d.ofSame(bytes)).orElseGet(() -> Digest.ofBytes(bytes));
        if (said.isPresent() && !said.get().equals(digest)) {
            throw new OciException(
                    Problem.CORRUPT, what + " should have the digest " + said.get() + ", but has " + digest);
        }
        return new Fetched(Descriptor.of(type, digest, bytes.length), bytes);
    }

    /**
     * Puts a manifest or an index there.
     *
     * @param target a tag, or its digest
     */
    void putManifest(String target, String mediaType, byte[] bytes) {
        Call call = Call.of("PUT", uri("manifests/" + target), toPush(), "put the manifest " + target + " to " + name())
                .header("Content-Type", mediaType)
                .body(Body.of(bytes))
                .expect(200, 201, 202);
        Answer answer = sendAndClose(call);
        Optional<Descriptor> subject =
                Document.parse(bytes, Optional.of(mediaType), "the manifest") instanceof Document.Manifest manifest
                        ? manifest.subject()
                        : Optional.empty();
        if (subject.isPresent() && answer.header("oci-subject").isEmpty()) {
            noteReferrer(subject.get(), mediaType, bytes);
        }
    }

    // Referrers

    /** The manifests that are about another one, as signatures are. */
    List<Descriptor> referrers(Digest subject) {
        String doing = "ask " + name() + " what refers to " + subject;
        List<Descriptor> all = new ArrayList<>();
        Optional<URI> page = Optional.of(uri("referrers/" + subject));
        for (int pages = 0; page.isPresent(); pages++) {
            if (pages == MAX_PAGES) {
                throw new OciException(Problem.TOO_LARGE, "cannot " + doing + ": more than " + pages + " pages");
            }
            Call call = Call.of("GET", page.get(), toPull(), doing).header("Accept", MediaTypes.OCI_INDEX);
            Whole answer = get(pages == 0 ? call.expect(200, 404, 400, 405) : call, Document.MAX_BYTES);
            if (answer.head().status() != 200 || !answer.mediaType().equals(MediaTypes.OCI_INDEX)) {
                return byTag(subject);
            }
            all.addAll(list(answer.bytes(), "the list of what refers to " + subject));
            page = next(answer, call);
        }
        return all;
    }

    /** Where a list goes on (RFC 8288). */
    private static Optional<URI> next(Whole answer, Call call) {
        for (String header : answer.head().headers("link")) {
            Matcher link = NEXT.matcher(header);
            if (link.find()) {
                return Optional.of(Endpoint.safe(call.uri(), link.group(1))
                        .filter(next -> next.getAuthority().equals(call.uri().getAuthority()))
                        .orElseThrow(() -> new OciException(
                                Problem.SERVER,
                                "cannot " + call.doing() + ": the list goes on at " + link.group(1)
                                        + ", which is not safe to follow")));
            }
        }
        return Optional.empty();
    }

    private static List<Descriptor> list(byte[] bytes, String what) {
        Document document = Document.parse(bytes, Optional.of(MediaTypes.OCI_INDEX), what);
        return document instanceof Document.Index index ? index.manifests() : List.of();
    }

    /** Registries before version 1.1 of the specification have the list under a tag. */
    private static String referrersTag(Digest subject) {
        return subject.algorithm() + "-" + subject.hex();
    }

    private List<Descriptor> byTag(Digest subject) {
        try {
            return list(
                    manifest(referrersTag(subject), Optional.empty()).bytes(), "the list of what refers to " + subject);
        } catch (OciException e) {
            if (e.problem() == Problem.NOT_FOUND) {
                return List.of();
            }
            throw e;
        }
    }

    private void noteReferrer(Descriptor subject, String mediaType, byte[] bytes) {
        List<Descriptor> all = new ArrayList<>(byTag(subject.digest()));
        Descriptor own = Descriptor.of(mediaType, bytes);
        if (all.stream().anyMatch(known -> known.digest().equals(own.digest()))) {
            return;
        }
        Document.Manifest manifest = (Document.Manifest) Document.parse(bytes, Optional.of(mediaType), "the manifest");
        Optional<String> type =
                manifest.artifactType().or(() -> Optional.of(manifest.config().mediaType()));
        all.add(new Descriptor(mediaType, own.digest(), own.size(), type, Optional.empty(), manifest.annotations()));
        putManifest(
                referrersTag(subject.digest()),
                MediaTypes.OCI_INDEX,
                new Document.Index(MediaTypes.OCI_INDEX, all, Map.of()).toJson());
    }

    // Blobs

    /** Whether a blob is there. */
    boolean hasBlob(Digest digest) {
        Call call = Call.of("HEAD", uri("blobs/" + digest), toPush(), "look for the blob " + digest + " in " + name())
                .expect(200, 404);
        return sendAndClose(call).status() == 200;
    }

    /** The bytes of a small blob, verified. */
    byte[] smallBlob(Descriptor descriptor, int limit, String what) {
        if (descriptor.size() > limit) {
            throw new OciException(
                    Problem.TOO_LARGE, what + " has " + descriptor.size() + " bytes, more than " + limit);
        }
        Call call = Call.of("GET", uri("blobs/" + descriptor.digest()), toPull(), "get " + what);
        byte[] bytes = get(call, (int) descriptor.size()).bytes();
        Digest digest = descriptor.digest();
        if (bytes.length != descriptor.size() || !digest.ofSame(bytes).equals(digest)) {
            throw new OciException(
                    Problem.CORRUPT,
                    what + " is not " + digest + " with " + descriptor.size()
                            + " bytes; the registry is damaged or not to be trusted");
        }
        return bytes;
    }
}
