package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The files of a configuration: the first, what it imports, and what those import, in containerd's order. */
final class ConfigChain {
    private static final int MOST = 200;

    private ConfigChain() {}

    /**
     * Reads all files.
     *
     * @param more files besides those that the first imports
     * @return their texts by their real paths; empty if there is not even the first
     */
    static Map<Path, String> read(Path first, List<Path> more) throws IOException {
        Map<Path, String> texts = new LinkedHashMap<>();
        Deque<Path> pending = new ArrayDeque<>(List.of(first));
        pending.addAll(more);
        while (!pending.isEmpty()) {
            Optional<Path> file = ConfigFile.real(pending.remove());
            if (file.isEmpty() || texts.containsKey(file.get())) {
                continue;
            }
            if (texts.size() == MOST) {
                throw new ConfigException(first + " imports more than " + MOST + " files");
            }
            String text = ConfigFile.read(file.get());
            texts.put(file.get(), text);
            for (String pattern : ConfigToml.parse(text, file.get()).imports()) {
                pending.addAll(files(resolve(file.get(), pattern)));
            }
        }
        return texts;
    }

    /** What an import of a file names. */
    static Path resolve(Path file, String pattern) {
        if (pattern.contains("$")) {
            throw new ConfigException(file + " imports " + pattern + ", and skiff cannot know what that will be");
        }
        return file.resolveSibling(pattern).normalize();
    }

    /** The files that a pattern stands for, in order. Patterns in the names of folders are not followed. */
    static List<Path> files(Path pattern) throws IOException {
        String name = pattern.getFileName().toString();
        if (!name.contains("*")) {
            return List.of(pattern);
        }
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(pattern.getParent(), name)) {
            files.forEach(found::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        found.sort(null);
        return found;
    }
}
