package dev.skiff.oci.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Plain requests to a registry, with nothing of Skiff's own client: to fill a registry before a test, and to look into it after.
 * Immutable and thread-safe.
 */
public final class RawRegistry {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final URI base;
    private final HttpClient client;
    private final Optional<String> authorization;

    private RawRegistry(URI base, HttpClient client, Optional<String> authorization) {
        this.base = base;
        this.client = client;
        this.authorization = authorization;
    }

    /** Requests to the server at a URI such as {@code http://127.0.0.1:5000}. */
    public static RawRegistry at(URI base) {
        return new RawRegistry(base, client().build(), Optional.empty());
    }

    /** Requests to the server at an https URI. */
    public static RawRegistry at(URI base, SSLContext trust) {
        return new RawRegistry(base, client().sslContext(trust).build(), Optional.empty());
    }

    private static HttpClient.Builder client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT);
    }

    /** The same with a header {@code Authorization}. */
    public RawRegistry authorized(String value) {
        return new RawRegistry(base, client, Optional.of(value));
    }

    /** The same with basic authentication (RFC 7617). */
    public RawRegistry as(String user, String password) {
        return authorized(basic(user, password));
    }

    /** The value of a header {@code Authorization} for basic authentication. */
    public static String basic(String user, String password) {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /**
     * Sends a request and reads the whole answer, whatever its status.
     *
     * @param path the path and the query, or a whole URI, as in {@code Location}
     * @param headers names and values in turn
     * @throws IOException if the connection broke
     */
    public HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT);
        request.method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        authorization.ifPresent(value -> request.header("Authorization", value));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + method + " " + path, e);
        }
    }

    /** Asks for something; see {@link #send}. */
    public HttpResponse<byte[]> get(String path, String... headers) throws IOException {
        return send("GET", path, new byte[0], headers);
    }

    /** Uploads a blob in one request, and answers with its digest. */
    public String putBlob(String repository, byte[] content) {
        String digest = digest(content);
        try {
            HttpResponse<byte[]> begun = send("POST", "/v2/" + repository + "/blobs/uploads/", new byte[0]);
            String location =
                    expect(begun, 202).headers().firstValue("Location").orElseThrow();
            String end = location + (location.contains("?") ? "&" : "?") + "digest=" + digest;
            expect(send("PUT", end, content, "Content-Type", "application/octet-stream"), 201);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot upload a blob to " + base, e);
        }
        return digest;
    }

    /**
     * Uploads a manifest, and answers with its digest.
     *
     * @param reference its tag, or its digest
     */
    public String putManifest(String repository, String reference, String mediaType, byte[] content) {
        String path = "/v2/" + repository + "/manifests/" + reference;
        try {
            expect(send("PUT", path, content, "Content-Type", mediaType), 201);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot upload a manifest to " + base, e);
        }
        return digest(content);
    }

    /** The SHA-256 digest of some bytes, as registries write it. */
    public static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private static HttpResponse<byte[]> expect(HttpResponse<byte[]> response, int status) {
        if (response.statusCode() != status) {
            throw new AssertionError(response.request().method() + " " + response.uri() + " answered "
                    + response.statusCode() + ", not " + status + ": "
                    + new String(response.body(), StandardCharsets.UTF_8));
        }
        return response;
    }
}
