package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an image of the store runs.
 *
 * @param name what the module's file is called
 * @param config how the image wants to be run
 * @param root the image's own files, if it has some; only to be read
 * @param module the module's size and digest
 * @param file where its bytes are
 */
public record ImageProgram(String name, ImageConfig config, Optional<Path> root, Descriptor module, Path file) {
    /** Modules that are larger are refused unread: 1 GiB. */
    private static final long MAX_BYTES = 1L << 30;

    /**
     * Finds what an image runs; a container image is unpacked first, once.
     *
     * @throws OciException if it runs nothing that is WebAssembly
     */
    public static ImageProgram of(Store store, StoredImage image) {
        String what = image.reference().familiar();
        Artifact artifact = store.artifact(image);
        // Not a switch over types: see decision 7.
        if (artifact instanceof Artifact.Wasm wasm) {
            Path file = store.file(wasm.module().digest());
            return new ImageProgram(fileName(image, wasm), wasm.config(), Optional.empty(), wasm.module(), file);
        }
        if (artifact instanceof Artifact.ContainerImage container) {
            return new ImageUnpacking(store, image, container).program();
        }
        throw new OciException(Problem.UNSUPPORTED, what + " is a Spin application, and Skiff does not run those yet");
    }

    private static String fileName(StoredImage image, Artifact.Wasm wasm) {
        String repository = image.reference().repository();
        String last = repository.substring(repository.lastIndexOf('/') + 1);
        // A stranger's word: it is shown and given to the guest, and never a path.
        return Optional.ofNullable(wasm.module().annotations().get(Descriptor.TITLE))
                .map(title -> title.substring(title.lastIndexOf('/') + 1))
                .filter(title -> !title.isEmpty())
                .orElse(last + ".wasm");
    }

    /**
     * The module's bytes, verified.
     *
     * @throws OciException if they are not there any more or damaged
     */
    public byte[] read() {
        if (module.size() > MAX_BYTES) {
            throw new OciException(
                    Problem.TOO_LARGE, name + " has " + module.size() + " bytes, more than " + MAX_BYTES);
        }
        try (InputStream in = new VerifyingStream(
                Files.newInputStream(file),
                module,
                name + " in the store",
                () -> "remove the image (skiff images rm) and pull it again")) {
            byte[] bytes = new byte[(int) module.size()];
            in.readNBytes(bytes, 0, bytes.length);
            // The end is where what was read is compared.
            if (in.read() >= 0) {
                throw new IllegalStateException("there is more than was verified");
            }
            return bytes;
        } catch (IOException e) {
            throw StoreFiles.failure("read", file, e);
        }
    }

    /** The guest's arguments: those of the image, unless others are given in place of its command's. */
    public List<String> arguments(List<String> given) {
        if (config.arguments().isEmpty()) {
            List<String> all = new java.util.ArrayList<>(List.of(name));
            all.addAll(given);
            return all;
        }
        boolean replaces = !given.isEmpty() && !config.entrypoint().isEmpty();
        List<String> all = new java.util.ArrayList<>(replaces ? config.entrypoint() : config.arguments());
        all.addAll(given);
        return all;
    }
}
