package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Unpacks a container image of the store to a directory, once, and finds the module that it runs. Beside the files is a note with the
 * module's digest, so that it is verified each time it is run.
 */
final class ImageUnpacking {
    private static final String FILES = "fs";
    private static final String NOTE = "program.json";
    private static final int MAGIC_BYTES = 4;

    private final Store store;
    private final StoredImage image;
    private final Artifact.ContainerImage container;
    private final Path directory;

    ImageUnpacking(Store store, StoredImage image, Artifact.ContainerImage container) {
        this.store = store;
        this.image = image;
        this.container = container;
        directory = store.roots.resolve(image.manifest().digest().hex());
    }

    ImageProgram program() {
        try (FileLock keep = store.keepAll();
                FileLock alone = FileLock.exclusive(store.ingest.resolve(
                        "lock-root-" + image.manifest().digest().hex().substring(0, 2)))) {
            Optional<ImageProgram> known = known();
            if (known.isEmpty()) {
                unpack();
                known = known();
            }
            return known.orElseThrow();
        } catch (IOException e) {
            throw StoreFiles.failure("unpack an image to", directory, e);
        }
    }

    private Optional<ImageProgram> known() throws IOException {
        byte[] note;
        try {
            note = Files.readAllBytes(directory.resolve(NOTE));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        JsonObject json = Json.object(note, "the file " + directory.resolve(NOTE));
        String path = json.needText("path");
        Descriptor module = Descriptor.of(json.needObject("module"));
        Path root = directory.resolve(FILES);
        return Optional.of(new ImageProgram(
                path.substring(path.lastIndexOf('/') + 1),
                container.config(),
                Optional.of(root),
                module,
                root.resolve(path.substring(1))));
    }

    private void unpack() throws IOException {
        String what = image.reference().familiar();
        Path building = store.roots.resolve(".new-" + UUID.randomUUID());
        StoreFiles.createDirectories(building);
        try (ImageTree tree = ImageTree.read(layers(), store.roots, UnpackLimits.DEFAULTS)) {
            ImageFile program = entrypoint(tree, what);
            Descriptor module = describe(program, what);
            tree.materialize(building.resolve(FILES));
            Map<String, Object> note = new LinkedHashMap<>();
            note.put("path", program.path());
            note.put("module", module.toJson());
            StoreFiles.replace(building.resolve(NOTE), Json.write(note));
            StoreFiles.move(building, directory);
        } finally {
            Files.deleteIfExists(building.resolve(NOTE));
            if (Files.isDirectory(building) && !Files.exists(building.resolve(FILES))) {
                Files.deleteIfExists(building);
            }
        }
    }

    private List<ImageLayer> layers() {
        List<Descriptor> layers = container.manifest().layers();
        List<Digest> diffIds = container.config().diffIds();
        if (!diffIds.isEmpty() && diffIds.size() != layers.size()) {
            throw new OciException(
                    Problem.INVALID,
                    image.reference().familiar() + " has " + layers.size() + " layers, and its configuration knows "
                            + diffIds.size());
        }
        List<ImageLayer> all = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Descriptor layer = layers.get(i);
            String name = "layer " + layer.digest().abbreviated() + " of "
                    + image.reference().familiar();
            Optional<Digest> diffId = diffIds.isEmpty() ? Optional.empty() : Optional.of(diffIds.get(i));
            all.add(new ImageLayer(name, layer.mediaType(), diffId, () -> store.open(layer, name)));
        }
        return all;
    }

    private ImageFile entrypoint(ImageTree tree, String what) {
        List<String> arguments = container.config().arguments();
        if (arguments.isEmpty()) {
            throw new OciException(
                    Problem.UNSUPPORTED,
                    what + " does not say what it runs: it has neither an entrypoint nor a command");
        }
        Optional<String> path = container.config().environment().stream()
                .filter(variable -> variable.startsWith("PATH="))
                .map(variable -> variable.substring("PATH=".length()))
                .reduce((first, last) -> last);
        return tree.resolveExecutable(
                        arguments.getFirst(),
                        path,
                        container.config().workingDirectory().orElse("/"))
                .orElseThrow(() -> new OciException(
                        Problem.INVALID, what + " should run " + arguments.getFirst() + ", and has no such file"));
    }

    private static Descriptor describe(ImageFile program, String what) throws IOException {
        HashingOutput hash = new HashingOutput(OutputStream.nullOutputStream());
        try (InputStream in = program.open()) {
            byte[] start = in.readNBytes(MAGIC_BYTES);
            boolean wasm = start.length == MAGIC_BYTES
                    && start[0] == 0
                    && start[1] == 'a'
                    && start[2] == 's'
                    && start[3] == 'm';
            if (!wasm) {
                throw new OciException(
                        Problem.UNSUPPORTED,
                        what + " runs " + program.path() + ", which is no WebAssembly"
                                + (start.length == MAGIC_BYTES && start[1] == 'E' ? " but a Linux program" : "")
                                + "; Skiff runs images whose entrypoint is a .wasm file");
            }
            hash.write(start);
            in.transferTo(hash);
        }
        return Descriptor.of(MediaTypes.WASM, hash.digest(), program.size());
    }
}
