package dev.skiff.oci.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A program that tests start. It is looked for where the environment variable {@link #variable} says, on the {@code PATH}, and in the
 * folder that {@code scripts/peers.sh} fills.
 */
public enum Tool {
    /** The registry server of the distribution project. */
    DOCKER_REGISTRY("docker-registry"),
    /** Copies images between registries and folders. */
    SKOPEO("skopeo"),
    /** Makes and unpacks OCI layouts. */
    UMOCI("umoci"),
    /** Pushes and pulls artifacts of any type. */
    ORAS("oras"),
    /** Signs images and verifies signatures. */
    COSIGN("cosign"),
    /** Makes keys of every kind. */
    OPENSSL("openssl");

    private final String command;

    Tool(String command) {
        this.command = command;
    }

    /** The name of its program, and of the package that has it if one does. */
    public String command() {
        return command;
    }

    /** The environment variable that can name its file, such as {@code SKIFF_SKOPEO}. */
    public String variable() {
        return "SKIFF_" + name();
    }

    /** Its file, if it is here. */
    public Optional<Path> find() {
        Optional<String> configured = configured();
        if (configured.isPresent()) {
            return configured.map(Path::of).filter(Files::isExecutable);
        }
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(
                        Stream.of(path.split(File.pathSeparator))
                                .filter(folder -> !folder.isEmpty())
                                .map(Path::of),
                        Stream.of(peers().resolve("bin")))
                .map(folder -> folder.resolve(command))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Its file, for a test that cannot do without.
     *
     * @throws org.opentest4j.TestAbortedException if it is not here, so that the test is skipped
     * @throws AssertionError if the variable names no program; or if it is not here in continuous integration ({@code CI=true}), where
     *     all must run, and {@code scripts/peers.sh} left no note that says why it cannot be had there
     */
    public Path require() {
        return find().orElseGet(this::absent);
    }

    private Optional<String> configured() {
        return Optional.ofNullable(System.getenv(variable())).filter(file -> !file.isBlank());
    }

    private Path absent() {
        if (configured().isPresent()) {
            throw new AssertionError(variable() + " names " + configured().get() + ", which is no program");
        }
        Optional<String> excuse = excuse();
        String message = command + " is not installed"
                + excuse.map(reason -> ": " + reason).orElse("; scripts/peers.sh installs it, or says how");
        if (excuse.isEmpty() && "true".equals(System.getenv("CI"))) {
            throw new AssertionError(message);
        }
        Assumptions.abort(message);
        throw new AssertionError("unreachable");
    }

    private Optional<String> excuse() {
        Path note = peers().resolve(command + ".absent");
        try {
            return Files.exists(note) ? Optional.of(Files.readString(note).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + note, e);
        }
    }

    private static Path peers() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path folder =
                cache == null || cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return folder.resolve("skiff").resolve("peers");
    }
}
