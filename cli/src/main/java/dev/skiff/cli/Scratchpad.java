package dev.skiff.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory for the time of one command. */
final class Scratchpad {
    private Scratchpad() {}

    static Path make() {
        try {
            return Files.createTempDirectory("skiff-");
        } catch (IOException e) {
            throw new CommandException(1, "cannot make a temporary directory: " + FileProblem.of(e), e);
        }
    }

    static void remove(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new CommandException(1, "cannot remove " + directory + ": " + FileProblem.of(e), e);
        }
    }
}
