package dev.skiff.oci;

import dev.skiff.oci.Document.Index;
import dev.skiff.oci.Document.Manifest;
import dev.skiff.oci.OciException.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gets one image into a store. */
final class Pull {
    private final Registry registry;
    private final Store store;
    private final Optional<Platform> platform;
    private final TrustCheck check;
    private final TransferListener listener;

    Pull(Registry registry, Store store, Optional<Platform> platform, TrustCheck check, TransferListener listener) {
        this.registry = registry;
        this.store = store;
        this.platform = platform;
        this.check = check;
        this.listener = listener;
    }

    StoredImage run(Reference reference) {
        try (FileLock keep = store.keepAll()) {
            Registry.Found found = registry.found(reference, listener);
            String what = reference.familiar();
            Document document = Document.parse(
                    found.manifest().bytes(),
                    Optional.of(found.manifest().descriptor().mediaType()),
                    "the manifest of " + what);
            Descriptor root = named(found.manifest().descriptor(), document);
            List<SignatureSource> signatures = List.of(new RepositorySignatures(registry.origin(reference, listener)));
            String repository = reference.name();
            SignatureSubject subject = new SignatureSubject(
                    repository,
                    root.mediaType(),
                    root.digest(),
                    found.manifest().bytes());
            Optional<Digest> trust = Optional.empty();
            if (document instanceof Manifest) {
                trust = check.check(List.of(subject), signatures);
            }
            List<Repository> places = placesFrom(found.repository(), reference);
            store.write(root, found.manifest().bytes());
            Descriptor chosen = root;
            for (int nested = 0; document instanceof Index index; nested++) {
                if (nested == Document.MAX_NESTED_INDEXES) {
                    throw new OciException(Problem.INVALID, what + " has indexes in indexes without an end");
                }
                chosen = Platforms.choose(index, platform, what);
                Repository.Fetched next = manifest(places, chosen);
                document = Document.parse(
                        next.bytes(),
                        Optional.of(chosen.mediaType()),
                        "the manifest " + chosen.digest() + " of " + what);
                chosen = named(next.descriptor(), document);
                if (document instanceof Manifest) {
                    trust = check.check(
                            List.of(
                                    subject,
                                    new SignatureSubject(
                                            repository, chosen.mediaType(), chosen.digest(), next.bytes())),
                            signatures);
                }
                store.write(chosen, next.bytes());
            }
            StoredImage image =
                    image(reference, root, chosen, (Manifest) document, places).withTrust(trust);
            store.name(image);
            return image;
        }
    }

    /** The place that had the manifest comes first for all else. */
    private List<Repository> placesFrom(Repository first, Reference reference) {
        List<Repository> places = new ArrayList<>(List.of(first));
        for (Repository place : registry.places(reference, listener)) {
            if (!place.name().equals(first.name())) {
                places.add(place);
            }
        }
        return places;
    }

    private static Descriptor named(Descriptor descriptor, Document document) {
        return Descriptor.of(document.mediaType(), descriptor.digest(), descriptor.size());
    }

    private static Repository.Fetched manifest(List<Repository> places, Descriptor wanted) {
        Digest digest = wanted.digest();
        Repository.Fetched found = anywhere(places, place -> place.manifest(digest.toString(), Optional.of(digest)));
        if (found.bytes().length != wanted.size()) {
            throw new OciException(
                    Problem.CORRUPT,
                    "the manifest " + digest + " has " + found.bytes().length
                            + " bytes, and the index that lists it says " + wanted.size());
        }
        return found;
    }

    private interface Attempt<T> {
        T at(Repository place);
    }

    /** Mirrors may lack a part. */
    private static <T> T anywhere(List<Repository> places, Attempt<T> attempt) {
        for (Repository place : places.subList(0, places.size() - 1)) {
            try {
                return attempt.at(place);
            } catch (OciException e) {
                if (e.problem() == Problem.STORAGE) {
                    throw e;
                }
                place.listener.note(e.getMessage() + "; asking elsewhere");
            }
        }
        return attempt.at(places.getLast());
    }

    private StoredImage image(
            Reference reference, Descriptor root, Descriptor chosen, Manifest manifest, List<Repository> places) {
        String what = reference.familiar();
        if (manifest.config().size() > ImageConfig.MAX_BYTES) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    "the configuration of " + what + " has " + manifest.config().size() + " bytes, more than "
                            + ImageConfig.MAX_BYTES);
        }
        get(places, manifest.config());
        Artifact artifact = store.artifact(manifest, what);
        Map<Digest, Descriptor> wanted = new LinkedHashMap<>();
        manifest.layers().forEach(layer -> wanted.putIfAbsent(layer.digest(), layer));
        long size = chosen.size() + manifest.config().size();
        for (Descriptor layer : wanted.values()) {
            size += layer.size();
            if (size < 0) {
                throw new OciException(Problem.TOO_LARGE, what + " says to have more than 2^63 bytes");
            }
        }
        Parallel.forEach(wanted.values(), registry.parallel(), layer -> get(places, layer));
        return new StoredImage(reference, root, chosen, artifact.kind(), size, Instant.now(), Optional.empty());
    }

    private void get(List<Repository> places, Descriptor descriptor) {
        if (descriptor.digest().equals(Digest.ofBytes(new byte[0])) && descriptor.size() == 0) {
            store.write(descriptor, new byte[0]);
            return;
        }
        anywhere(places, place -> {
            BlobDownload.run(place, descriptor, store);
            return descriptor;
        });
    }
}
