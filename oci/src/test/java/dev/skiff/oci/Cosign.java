package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The real cosign. It is found through the environment variable SKIFF_COSIGN, on the PATH, or in {@code skiff/peers/bin} of the user's
 * cache; where it is absent, tests that ask for it are skipped, and fail with CI=true.
 */
final class Cosign {
    static final String PASSWORD = "a password, ä";
    private static final String HOW =
            "there is no cosign: install version 2.6.5 or later (https://github.com/sigstore/cosign/releases, or"
                    + " go install github.com/sigstore/cosign/v2/cmd/cosign@v2.6.5) on the PATH, or set SKIFF_COSIGN";

    private final Path program;
    private final Path folder;

    private Cosign(Path program, Path folder) {
        this.program = program;
        this.folder = folder;
    }

    /** cosign, working in a folder. */
    static Cosign in(Path folder) {
        return new Cosign(need(program("cosign", "SKIFF_COSIGN"), HOW), folder);
    }

    /** A program that tests cannot do without, or no test. */
    static Path need(Optional<Path> program, String how) {
        if (program.isEmpty() && "true".equals(System.getenv("CI"))) {
            throw new AssertionError(how);
        }
        Assumptions.assumeTrue(program.isPresent(), how);
        return program.orElseThrow();
    }

    /** Where a program is. */
    static Optional<Path> program(String name, String variable) {
        Optional<Path> named = Optional.ofNullable(System.getenv(variable)).map(Path::of);
        if (named.isPresent()) {
            return named;
        }
        String cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(text -> !text.isEmpty())
                .orElse(System.getProperty("user.home") + "/.cache");
        return Stream.concat(
                        Stream.of(Optional.ofNullable(System.getenv("PATH"))
                                        .orElse("")
                                        .split(File.pathSeparator))
                                .filter(text -> !text.isEmpty()),
                        Stream.of(cache + "/skiff/peers/bin"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
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
