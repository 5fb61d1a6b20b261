package dev.skiff.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs drivers, one at a time.
 *
 * @param scratch a folder for their output
 * @param timeoutSeconds after which a driver is ended
 */
record Drivers(Path scratch, int timeoutSeconds) {
    private static final int ABSENT = 3;

    Outcome run(Peer peer, String command, Object... args) {
        if (peer.absent().isPresent()) {
            return new Outcome.Missing(peer.absent().get());
        }
        if (!peer.has(command)) {
            return new Outcome.Missing("does not apply");
        }
        List<String> line = new ArrayList<>(peer.driver());
        line.add(command);
        for (Object arg : args) {
            line.add(arg.toString());
        }
        System.err.printf(
                "  %s: %s%n",
                peer.label(), String.join(" ", line.subList(peer.driver().size(), line.size())));
        try {
            return start(peer, line);
        } catch (IOException e) {
            return new Outcome.Missing("its driver does not start: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Missing("interrupted");
        }
    }

    private Outcome start(Peer peer, List<String> line) throws IOException, InterruptedException {
        Path out = scratch.resolve("driver.out");
        Path err = scratch.resolve("driver.err");
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().putAll(peer.environment());
        builder.redirectOutput(out.toFile()).redirectError(err.toFile());
        Process process = builder.start();
        try {
            if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
                return new Outcome.Missing("took more than " + timeoutSeconds + " s");
            }
        } finally {
            process.destroyForcibly();
        }
        Outcome.Figures figures = Outcome.parse(Files.readAllLines(out));
        if (process.exitValue() == 0) {
            return figures;
        }
        if (process.exitValue() == ABSENT) {
            return new Outcome.Missing(figures.text("absent"));
        }
        return new Outcome.Missing("failed with status %d: %s".formatted(process.exitValue(), complaint(err)));
    }

    /** The first line of what the driver complained about, which for Java is the exception. */
    private static String complaint(Path err) throws IOException {
        return Files.readAllLines(err).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("WARNING"))
                .findFirst()
                .orElse("no message");
    }
}
