package dev.skiff.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs the command within the tests, in a directory of its own with a cache of its own. */
final class Skiff {
    private final Path directory;
    private final Map<String, String> environment = new HashMap<>();
    private byte[] input = {};

    Skiff(Path directory) {
        this.directory = directory;
        environment.put("HOME", directory.resolve("home").toString());
    }

    /** Sets a variable that the command sees. */
    Skiff with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Sets what the guest reads. */
    Skiff reading(String text) {
        input = text.getBytes(StandardCharsets.UTF_8);
        return this;
    }

    /** Writes a file; the answer is its path. */
    String file(String name, byte[] contents) {
        try {
            return Files.write(directory.resolve(name), contents).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String file(String name, String text) {
        return file(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Runs a command. */
    Result run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(
                List.of(args),
                new ByteArrayInputStream(input),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment);
        return new Result(status, text(out), text(err));
    }

    /** The directory does not show, so that results can be compared. */
    private String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8).replace(directory + "/", "");
    }

    /**
     * What came of a command.
     *
     * @param status its exit status
     * @param out what it printed, with paths relative to the directory
     * @param err what it complained
     */
    record Result(int status, String out, String err) {}
}
