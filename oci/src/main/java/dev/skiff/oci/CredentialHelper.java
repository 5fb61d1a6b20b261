package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A program {@code docker-credential-NAME} that keeps credentials, by Docker's protocol of commands on stdin and stdout. */
final class CredentialHelper {
    private static final long TIMEOUT_SECONDS = 30;
    /** For what it left running and what holds its output still. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private static final int MAX_ANSWER = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private final String program;
    private final Map<String, String> environment;

    /**
     * A helper.
     *
     * @param environment its variables; it is looked for in their {@code PATH}
     */
    CredentialHelper(String name, Map<String, String> environment) {
        if (!NAME.matcher(name).matches()) {
            throw new OciException(Problem.INVALID, name + " is no name of a credential helper");
        }
        program = "docker-credential-" + name;
        this.environment = environment;
    }

    /** What the program has for a registry. */
    Optional<Credentials> get(String registry) {
        Answer answer = run("get", registry.getBytes(StandardCharsets.UTF_8));
        if (answer.status != 0) {
            if (answer.text().contains("credentials not found")) {
                return Optional.empty();
            }
            throw failed("has no credentials for " + registry, answer);
        }
        JsonObject json = Json.object(answer.output, "the answer of " + program);
        String user = json.text("Username").orElse("");
        String secret = json.text("Secret").orElse("");
        if (secret.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                user.equals("<token>") ? new Credentials.RefreshToken(secret) : new Credentials.Basic(user, secret));
    }

    /** Has the program keep credentials. */
    void store(String registry, Credentials.Basic credentials) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ServerURL", registry);
        json.put("Username", credentials.user());
        json.put("Secret", credentials.password());
        Answer answer = run("store", Json.write(json));
        if (answer.status != 0) {
            throw failed("did not keep the credentials for " + registry, answer);
        }
    }

    /** Has the program forget credentials. */
    void erase(String registry) {
        Answer answer = run("erase", registry.getBytes(StandardCharsets.UTF_8));
        if (answer.status != 0) {
            throw failed("did not forget the credentials for " + registry, answer);
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Answer(int status, byte[] output) {
        String text() {
            return new String(output, StandardCharsets.UTF_8).strip();
        }
    }

    private OciException failed(String what, Answer answer) {
        return new OciException(
                Problem.UNAUTHORIZED,
                "the credential helper " + program + " " + what + ": "
                        + (answer.text().isEmpty() ? "it ended with status " + answer.status : answer.text()));
    }

    private Answer run(String command, byte[] input) {
        try {
            Process process = start(command);
            AtomicReference<byte[]> output = new AtomicReference<>(new byte[0]);
            Thread reader = Thread.ofVirtual().start(() -> output.set(readAll(process)));
            feed(process, input);
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) || !reader.join(LAST_WORDS)) {
                process.destroyForcibly();
                throw new OciException(
                        Problem.UNAUTHORIZED,
                        "the credential helper " + program + " did not answer for " + TIMEOUT_SECONDS + " seconds");
            }
            return new Answer(process.exitValue(), output.get());
        } catch (IOException e) {
            throw new OciException(
                    Problem.UNAUTHORIZED,
                    "the credential helper " + program + " cannot be started: " + e.getMessage()
                            + "; install it, or remove it from Docker's configuration",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OciException(Problem.UNAUTHORIZED, "interrupted while waiting for " + program, e);
        }
    }

    /** The JDK would look in the PATH of this process only. */
    private Process start(String command) throws IOException {
        Path file = Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IOException("it is not in the PATH"));
        ProcessBuilder builder =
                new ProcessBuilder(file.toString(), command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static void feed(Process process, byte[] input) {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException e) {
            // It ended without reading; its status says why.
            return;
        }
    }

    private static byte[] readAll(Process process) {
        try {
            return process.getInputStream().readNBytes(MAX_ANSWER);
        } catch (IOException e) {
            return new byte[0];
        }
    }
}
