package dev.skiff.oci.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/**
 * A real registry server, docker-registry, on a free port of this machine, with its content in a temporary folder. Deleting is
 * allowed. Closing it stops the server and removes the folder.
 *
 * <p>Where docker-registry is not installed, starting one skips the test: see {@link Tool#require}. Thread-safe.
 */
public final class TestRegistry implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)");
    private static final int START_SECONDS = 20;
    private static final int TAIL = 4000;

    private final Path folder;
    private final Process process;
    private final Thread killer;
    private final StringBuffer log = new StringBuffer();
    private final CompletableFuture<String> address = new CompletableFuture<>();
    private final URI uri;
    private final Optional<SSLContext> trust;

    /** What a registry is to be like, before it is started. Not thread-safe. */
    public static final class Builder {
        private final StringBuilder sections = new StringBuilder();
        private final StringBuilder http = new StringBuilder();
        private final StringBuilder users = new StringBuilder();
        private Optional<TokenServer> tokens = Optional.empty();
        private Optional<URI> realm = Optional.empty();
        private Optional<CertificateAuthority> authority = Optional.empty();
        private Optional<Identity> server = Optional.empty();

        private Builder() {}

        /** Everything needs this user's password, or another's named here (basic authentication). */
        public Builder basicAuth(String user, String password) {
            byte[] salt = new byte[16];
            new SecureRandom().nextBytes(salt);
            String hash = OpenBSDBCrypt.generate("2y", password.toCharArray(), salt, 4);
            users.append(user).append(':').append(hash).append('\n');
            return this;
        }

        /** Everything needs a bearer token that this server signed. */
        public Builder tokenAuth(TokenServer server) {
            return tokenAuth(server, server.realm());
        }

        /** The same where the challenge names another address, such as that of a {@link FaultProxy} before the token server. */
        public Builder tokenAuth(TokenServer server, URI challenged) {
            tokens = Optional.of(server);
            realm = Optional.of(challenged);
            return this;
        }

        /** TLS with a certificate by this authority for localhost and 127.0.0.1. */
        public Builder tls(CertificateAuthority issuer) {
            return tls(issuer, issuer.issueLocalhost());
        }

        /** TLS with a certificate, which may be one that no client should accept. */
        public Builder tls(CertificateAuthority issuer, Identity identity) {
            authority = Optional.of(issuer);
            server = Optional.of(identity);
            return this;
        }

        /** A cache that pulls from another registry what it has not, and takes no pushes. */
        public Builder mirrorOf(URI upstream) {
            sections.append("proxy: {remoteurl: '").append(upstream).append("'}\n");
            return this;
        }

        /** Starts it, and waits until it answers. */
        public TestRegistry start() {
            Path program = Tool.DOCKER_REGISTRY.require();
            try {
                Path folder = Files.createTempDirectory("skiff-registry");
                try {
                    return new TestRegistry(program, folder, configure(folder), authority);
                } catch (IOException | RuntimeException | Error e) {
                    delete(folder);
                    throw e;
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot start docker-registry", e);
            }
        }

        private Path configure(Path folder) throws IOException {
            if (!users.isEmpty()) {
                Path file = Files.writeString(folder.resolve("htpasswd"), users);
                sections.append("auth: {htpasswd: {realm: test, path: ")
                        .append(file)
                        .append("}}\n");
            }
            if (tokens.isPresent()) {
                Path file = Files.writeString(
                        folder.resolve("tokens.pem"), tokens.get().signer().certificatePem());
                sections.append("auth: {token: {realm: '").append(realm.orElseThrow());
                sections.append("', service: ").append(TokenServer.SERVICE);
                sections.append(", issuer: ").append(TokenServer.ISSUER);
                sections.append(", rootcertbundle: ").append(file).append("}}\n");
            }
            if (server.isPresent()) {
                Path certificate = Files.writeString(
                        folder.resolve("server.pem"), server.get().certificatePem());
                Path key = Files.writeString(
                        folder.resolve("server.key"), server.get().keyPem());
                http.append(", tls: {certificate: ").append(certificate);
                http.append(", key: ").append(key).append('}');
            }
            String text = """
                    version: 0.1
                    log: {level: info, accesslog: {disabled: true}}
                    storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
                    http: {addr: '127.0.0.1:0', secret: test%s}
                    %s""".formatted(folder.resolve("content"), http, sections);
            return Files.writeString(folder.resolve("config.yml"), text);
        }
    }

    private TestRegistry(Path program, Path folder, Path configuration, Optional<CertificateAuthority> authority)
            throws IOException {
        this.folder = folder;
        this.trust = authority.map(CertificateAuthority::trust);
        ProcessBuilder command = new ProcessBuilder(program.toString(), "serve", configuration.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true);
        // Such variables would change the configuration.
        command.environment().keySet().removeIf(name -> name.startsWith("REGISTRY_") || name.startsWith("OTEL_"));
        process = command.start();
        killer = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(killer);
        Thread.ofVirtual().name("log of docker-registry").start(this::readLog);
        try {
            uri = URI.create((authority.isPresent() ? "https://" : "http://") + awaitAddress());
        } catch (RuntimeException | Error e) {
            stop();
            throw e;
        }
    }

    /** A registry over plain HTTP that asks nobody who he is. */
    public static TestRegistry start() {
        return builder().start();
    }

    /** A registry that is to be more than that. */
    public static Builder builder() {
        return new Builder();
    }

    private void readLog() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.append(line).append('\n');
                Matcher listening = LISTENING.matcher(line);
                if (listening.find()) {
                    // Its socket accepts connections before this line is written.
                    address.complete(listening.group(1));
                }
            }
            address.completeExceptionally(new IOException("it ended"));
        } catch (IOException e) {
            address.completeExceptionally(e);
        }
    }

    private String awaitAddress() {
        try {
            return address.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("docker-registry did not start within " + START_SECONDS + " s:\n" + tail(), e);
        } catch (ExecutionException e) {
            throw new AssertionError("docker-registry did not start:\n" + tail(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while docker-registry was starting", e);
        }
    }

    /** Host and port as they stand in references, such as {@code 127.0.0.1:40123}. */
    public String address() {
        return uri.getAuthority();
    }

    /** Where it is: {@code http://127.0.0.1:40123}, or with https. */
    public URI uri() {
        return uri;
    }

    /** Plain requests to it, without authentication; over TLS they trust its authority. */
    public RawRegistry raw() {
        return trust.map(context -> RawRegistry.at(uri, context)).orElseGet(() -> RawRegistry.at(uri));
    }

    /** The folder with its content, in the layout of the distribution project: {@code docker/registry/v2/...} */
    public Path content() {
        return folder.resolve("content");
    }

    /** All that it has logged. */
    public String log() {
        return log.toString();
    }

    private String tail() {
        String all = log();
        return all.substring(Math.max(0, all.length() - TAIL));
    }

    /** Stops the server and removes its content. */
    @Override
    public void close() {
        stop();
        try {
            delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }

    private void stop() {
        process.destroyForcibly();
        try {
            process.waitFor();
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            log.append("stopped while the JVM ends: ").append(e.getMessage()).append('\n');
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
