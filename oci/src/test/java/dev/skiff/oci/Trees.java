package dev.skiff.oci;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Trees of files as texts that can be compared. */
final class Trees {
    private Trees() {}

    /** Unpacks an image to a new directory and describes what is there. */
    static SortedMap<String, String> unpack(Path scratch, Tar... layers) {
        List<ImageLayer> named = new ArrayList<>();
        for (Tar layer : layers) {
            named.add(layer.layer("layer " + (named.size() + 1)));
        }
        return unpack(scratch, named);
    }

    static SortedMap<String, String> unpack(Path scratch, List<ImageLayer> layers) {
        try {
            Path directory = Files.createTempDirectory(scratch, "image");
            try (ImageTree tree = ImageTree.read(layers, directory, UnpackLimits.DEFAULTS)) {
                tree.materialize(directory.resolve("root"));
            }
            try (Stream<Path> left = Files.list(directory)) {
                if (left.count() != 1) {
                    throw new AssertionError("there is more than the unpacked image in " + directory);
                }
            }
            return describe(directory.resolve("root"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Path to what is there: "dir 755", "file 644 1: text", "link target". Names of the same file have the same number. */
    static SortedMap<String, String> describe(Path root) throws IOException {
        SortedMap<String, String> tree = new TreeMap<>();
        List<Object> files = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted().toList()) {
                tree.put(root.relativize(path).toString(), describe(root, path, files));
            }
        }
        return tree;
    }

    /** The text of a link, where an absolute one means the root, as a relative one. */
    static String relative(String path, String text) {
        if (!text.startsWith("/")) {
            return text;
        }
        String whole = "../".repeat(Path.of(path).getNameCount() - 1) + text.replaceFirst("^/+", "");
        return whole.isEmpty() ? "." : Path.of(whole).toString();
    }

    private static String describe(Path root, Path path, List<Object> files) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return "link "
                    + relative(
                            root.relativize(path).toString(),
                            Files.readSymbolicLink(path).toString());
        }
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return "dir " + mode;
        }
        Object key = Files.getAttribute(path, "unix:ino");
        if (!files.contains(key)) {
            files.add(key);
        }
        byte[] content = Files.readAllBytes(path);
        return "file " + mode + " " + files.indexOf(key) + ": "
                + (content.length > 40
                        ? content.length + " bytes, " + Arrays.hashCode(content)
                        : new String(content, StandardCharsets.UTF_8));
    }
}
