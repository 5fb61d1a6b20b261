package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real cosign. */
final class Cosign {
    static final String PASSWORD = "a password, ä";

    private final Path program;
    private final Path folder;

    private Cosign(Path program, Path folder) {
        this.program = program;
        this.folder = folder;
    }

    /** cosign, working in a folder; without it the test is skipped. */
    static Cosign in(Path folder) {
        return new Cosign(Tool.COSIGN.require(), folder);
    }

    /** What a command printed, which must succeed. */
    String run(String... arguments) {
        Result result = tryRun(arguments);
        assertThat(result.status()).as(result.output()).isZero();
        return result.output();
    }

    /** How a command ended; what it printed went to one text. */
    Result tryRun(String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("COSIGN_PASSWORD", PASSWORD);
        builder.environment().put("COSIGN_EXPERIMENTAL", "1");
        try {
            Path output = Files.createTempFile(folder, "cosign", ".out");
            Process process = builder.redirectOutput(output.toFile()).start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("cosign takes more than a minute: " + command);
            }
            return new Result(process.exitValue(), Files.readString(output));
        } catch (IOException e) {
            throw new AssertionError("cosign cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    record Result(int status, String output) {}

    static KeyPassword password() {
        return KeyPassword.of(PASSWORD.toCharArray());
    }
}
