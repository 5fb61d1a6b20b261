package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skiff.oci.testing.RawRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What tests of registries and stores do again and again. */
final class Images {
    private Images() {}

    /** An artifact of one module. */
    static ArtifactContent artifact(byte[] module) {
        return new ArtifactWriter("app.wasm", module, Instant.EPOCH, Map.of()).artifact();
    }

    static StoredImage pull(Registry registry, String reference, Store store) {
        return pull(registry, reference, store, TransferListener.NONE);
    }

    static StoredImage pull(Registry registry, String reference, Store store, TransferListener listener) {
        return registry.pull(Reference.parse(reference), store, Optional.empty(), TrustCheck.NONE, listener);
    }

    static Descriptor push(Registry registry, byte[] module, String reference) {
        return registry.push(artifact(module), Reference.parse(reference), TransferListener.NONE);
    }

    /** The module of an image, verified. */
    static byte[] module(Store store, StoredImage image) {
        Document.Manifest manifest = (Document.Manifest) store.document(image.manifest(), "the manifest");
        return store.read(manifest.layers().getFirst(), 1 << 30, "the module");
    }

    /** What a descriptor looks like in JSON. */
    static String json(Descriptor descriptor) {
        return new String(Json.write(descriptor.toJson()), UTF_8);
    }

    static Descriptor put(RawRegistry raw, String repository, String mediaType, byte[] content) {
        raw.putBlob(repository, content);
        return Descriptor.of(mediaType, content);
    }

    /** Puts a manifest there and answers with what names it. */
    static Descriptor manifest(
            RawRegistry raw, String repository, String tag, Descriptor config, Descriptor... layers) {
        byte[] bytes = new Document.Manifest(
                        MediaTypes.OCI_MANIFEST, Optional.empty(), config, List.of(layers), Optional.empty(), Map.of())
                .toJson();
        raw.putManifest(repository, tag, MediaTypes.OCI_MANIFEST, bytes);
        return Descriptor.of(MediaTypes.OCI_MANIFEST, bytes);
    }

    /** The files beneath a directory, without those of locks. */
    static List<Path> files(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("lock"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps what it hears. */
    static final class Notes implements TransferListener {
        final List<String> texts = Collections.synchronizedList(new ArrayList<>());
        final List<State> states = Collections.synchronizedList(new ArrayList<>());
        private long bytes;

        @Override
        public void started(Descriptor descriptor, State state) {
            states.add(state);
        }

        @Override
        public synchronized void advanced(Descriptor descriptor, long more) {
            bytes += more;
        }

        synchronized long bytes() {
            return bytes;
        }

        @Override
        public void note(String text) {
            texts.add(text);
        }
    }
}
