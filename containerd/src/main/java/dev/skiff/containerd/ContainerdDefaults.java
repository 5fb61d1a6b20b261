package dev.skiff.containerd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What the containerd of this machine is configured as where there is no file. */
final class ContainerdDefaults {
    private static final int LARGEST = 1 << 20;
    private static final long PATIENCE_SECONDS = 20;

    private ContainerdDefaults() {}

    /**
     * The configuration in TOML.
     *
     * @throws ConfigException if there is no containerd to ask
     */
    static String read() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("") + ":/usr/local/bin:/usr/bin";
        Path program = Stream.of(path.split(":"))
                .filter(folder -> folder.startsWith("/"))
                .map(folder -> Path.of(folder, "containerd"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new ConfigException(
                        "there is no configuration of containerd, and no containerd to ask for its version"));
        return read(program);
    }

    /** That of one program. */
    static String read(Path program) {
        try {
            // To a file, so that a program that does not end cannot keep this one reading.
            Path out = Files.createTempFile("skiff", ".toml");
            try {
                Process process = new ProcessBuilder(program.toString(), "config", "default")
                        .redirectOutput(out.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new ConfigException(program + " config default does not end");
                }
                if (process.exitValue() != 0 || Files.size(out) > LARGEST) {
                    throw new ConfigException(program + " config default does not say how it is configured");
                }
                return Files.readString(out, StandardCharsets.UTF_8);
            } finally {
                Files.deleteIfExists(out);
            }
        } catch (IOException e) {
            throw new ConfigException(program + " config default cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConfigException(program + " config default was interrupted", e);
        }
    }
}
