package dev.skiff.oci.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Runs the other tools of the field, with a home folder of their own: neither credentials nor policies of who runs the tests are
 * used. Immutable and thread-safe.
 *
 * <p>A test whose tool is not installed is skipped: see {@link Tool#require}.
 */
public final class Peers {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Path home;
    private final Map<String, String> variables;
    private final Duration timeout;

    private Peers(Path home, Map<String, String> variables, Duration timeout) {
        this.home = home;
        this.variables = Map.copyOf(variables);
        this.timeout = timeout;
    }

    /**
     * Tools that live in a folder, usually a test's temporary one; it is also their working directory. Docker's
     * {@code .docker/config.json} beneath it is where all of them look for credentials.
     */
    public static Peers in(Path home) {
        return new Peers(home, Map.of(), TIMEOUT);
    }

    /** The same with an environment variable. */
    public Peers with(String variable, String value) {
        Map<String, String> more = new HashMap<>(variables);
        more.put(variable, value);
        return new Peers(home, more, timeout);
    }

    /** The same with another time after which a program is killed and the test fails; at first it is a minute. */
    public Peers within(Duration other) {
        return new Peers(home, variables, other);
    }

    /** Runs skopeo with these arguments; it accepts unsigned images. */
    public Output skopeo(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--insecure-policy"));
        all.addAll(List.of(arguments));
        return run(Tool.SKOPEO, all);
    }

    /** Runs umoci with these arguments. */
    public Output umoci(String... arguments) {
        return run(Tool.UMOCI, List.of(arguments));
    }

    /** Runs oras with these arguments. */
    public Output oras(String... arguments) {
        return run(Tool.ORAS, List.of(arguments));
    }

    /** Runs cosign with these arguments. */
    public Output cosign(String... arguments) {
        return run(Tool.COSIGN, List.of(arguments));
    }

    /**
     * Runs a tool until it ends.
     *
     * @throws AssertionError if it takes longer than the timeout; it is killed
     */
    public Output run(Tool tool, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(tool.require().toString()));
        command.addAll(arguments);
        String shown = tool.command() + " " + String.join(" ", arguments);
        long start = System.nanoTime();
        try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            Process process = start(command);
            try {
                process.getOutputStream().close();
                var out = CompletableFuture.supplyAsync(() -> text(process.getInputStream()), readers);
                var err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()), readers);
                if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(
                            shown + " was killed after " + timeout.toMillis() + " ms\n" + out.get() + err.get());
                }
                Duration time = Duration.ofNanos(System.nanoTime() - start);
                return new Output(shown, process.exitValue(), out.get(), err.get(), time);
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + shown, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + shown, e);
        } catch (ExecutionException e) {
            throw new AssertionError("cannot read what " + shown + " says", e.getCause());
        }
    }

    private Process start(List<String> command) throws IOException {
        Files.createDirectories(home.resolve("run"));
        ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("XDG_") || name.startsWith("COSIGN_"));
        environment.remove("REGISTRY_AUTH_FILE");
        environment.put("HOME", home.toString());
        environment.put("XDG_RUNTIME_DIR", home.resolve("run").toString());
        environment.put("DOCKER_CONFIG", home.resolve(".docker").toString());
        environment.put("LC_ALL", "C.UTF-8");
        environment.putAll(variables);
        return builder.start();
    }

    private static String text(InputStream in) {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
