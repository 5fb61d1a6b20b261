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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the command within the tests, in a directory of its own with a cache of its own. */
final class Skiff {
    private final Path directory;
    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> hidden = new LinkedHashMap<>();
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
        return reading(text.getBytes(StandardCharsets.UTF_8));
    }

    Skiff reading(byte[] bytes) {
        input = bytes.clone();
        return this;
    }

    /** Has another word stand in results for one that differs from run to run, such as a registry's port. */
    Skiff hiding(String text, String word) {
        hidden.put(text, word);
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

    /** Writes what a command prints to a file, as a shell's {@code >} does; the answer is what else came of it. */
    Result runInto(Path file, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Result result = run(out, args);
        try {
            Files.write(file, out.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Result(result.status(), "", result.err());
    }

    /** Runs a command. */
    Result run(String... args) {
        return run(new ByteArrayOutputStream(), args);
    }

    private Result run(ByteArrayOutputStream out, String... args) {
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
        String text = bytes.toString(StandardCharsets.UTF_8).replace(directory + "/", "");
        for (Map.Entry<String, String> word : hidden.entrySet()) {
            text = text.replace(word.getKey(), word.getValue());
        }
        return text;
    }

    /**
     * What came of a command.
     *
     * @param status its exit status
     * @param out what it printed, with paths relative to the directory
     * @param err what it complained
     */
    record Result(int status, String out, String err) {
        /** Whole digests and their first digits, and times, are replaced by dots. */
        Result masked() {
            return new Result(status, masked(out), masked(err));
        }

        private static String masked(String text) {
            return text.replaceAll("sha256:[0-9a-f]{64}", "sha256:...")
                    .replaceAll("\\b[0-9a-f]{12}\\b", "...")
                    .replaceAll("\\d{4}-\\d{2}-\\d{2}T[0-9:]{8}Z", "...");
        }
    }
}
