package dev.skiff.oci.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
    private static final byte[] CONTENT = new byte[100_000];
    private static TestRegistry registry;
    private static String blob;

    private FaultProxy proxy;
    private RawRegistry client;

    @BeforeAll
    static void start() {
        new Random(1).nextBytes(CONTENT);
        registry = TestRegistry.start();
        blob = "/v2/a/blobs/" + registry.raw().putBlob("a", CONTENT);
    }

    @AfterAll
    static void stop() {
        if (registry != null) {
            registry.close();
        }
    }

    @BeforeEach
    void connect() {
        proxy = FaultProxy.before(registry);
        client = RawRegistry.at(proxy.uri());
    }

    @AfterEach
    void disconnect() {
        if (proxy != null) {
            proxy.close();
        }
    }

    @Test
    void withoutRulesAllGoesThroughAndIsRecorded() throws IOException {
        byte[] other = "other".getBytes(StandardCharsets.UTF_8);
        assertThat(client.putBlob("b", other)).isEqualTo(RawRegistry.digest(other));
        assertThat(client.get(blob, "X-Test", "yes").body()).isEqualTo(CONTENT);
        assertThat(client.send("HEAD", blob, new byte[0]).statusCode()).isEqualTo(200);

        assertThat(proxy.exchanges()).extracting(Exchange::method).containsExactly("POST", "PUT", "GET", "HEAD");
        assertThat(proxy.exchanges("PUT", "uploads").getFirst().requestBytes()).isEqualTo(other.length);
        Exchange get = proxy.exchanges("GET", blob).getFirst();
        assertThat(get.status()).isEqualTo(200);
        assertThat(get.responseBytes()).isEqualTo(CONTENT.length);
        assertThat(get.header("x-test")).hasValue("yes");
    }

    @Test
    void uploadsStayWithTheProxy() throws IOException {
        HttpResponse<byte[]> begun = client.send("POST", "/v2/c/blobs/uploads/", new byte[0]);
        assertThat(begun.headers().firstValue("Location").orElseThrow()).startsWith(proxy.uri() + "/v2/c/");
    }

    @Test
    void responsesAreCut() throws IOException {
        proxy.once("GET", "/blobs/", new Fault.CutResponse(1000));
        assertThatIOException().isThrownBy(() -> client.get(blob)).withMessageContaining("1000");
        assertThat(client.get(blob).body()).isEqualTo(CONTENT);
        assertThat(proxy.exchanges("GET", blob))
                .extracting(Exchange::responseBytes)
                .containsExactly(1000L, 100_000L);
    }

    @Test
    void requestsAreCut() throws IOException {
        String upload = beginUpload();
        proxy.once("PATCH", "/uploads/", new Fault.CutRequest(1000));
        assertThatIOException().isThrownBy(() -> client.send("PATCH", upload, CONTENT));
        assertThat(proxy.exchanges("PATCH", "").getFirst().requestBytes()).isEqualTo(1000);
        assertThat(proxy.exchanges("PATCH", "").getFirst().status()).isZero();
    }

    @Test
    void requestsGetNoAnswer() throws IOException {
        proxy.once("GET", "/v2/", new Fault.CutRequest(0));
        // Not with the JDK's client, which sends such a request again by itself.
        try (Socket socket = get("/v2/")) {
            assertThat(HttpHead.read(socket.getInputStream())).isEmpty();
        }
    }

    @Test
    void aTargetMayAnswerBeforeItHasReadAll() throws IOException {
        try (TestRegistry closed =
                        TestRegistry.builder().basicAuth("ann", "secret").start();
                FaultProxy before = FaultProxy.before(closed)) {
            HttpResponse<byte[]> refused =
                    RawRegistry.at(before.uri()).send("PUT", "/v2/a/manifests/x", new byte[20_000_000]);
            assertThat(refused.statusCode()).isEqualTo(401);
        }
    }

    @Test
    void bytesAreCorrupted() throws IOException {
        proxy.once("GET", "/blobs/", new Fault.CorruptResponse(70_000));
        byte[] body = client.get(blob).body();
        assertThat(Arrays.mismatch(body, CONTENT)).isEqualTo(70_000);
        assertThat(Arrays.mismatch(body, 70_001, body.length, CONTENT, 70_001, CONTENT.length))
                .isEqualTo(-1);
    }

    @Test
    void corruptedUploadsAreRefusedByTheRegistry() throws IOException {
        String upload = beginUpload();
        proxy.once("PUT", "/uploads/", new Fault.CorruptRequest(10));
        byte[] content = "of a digest of its own".getBytes(StandardCharsets.UTF_8);
        HttpResponse<byte[]> end = client.send("PUT", upload + "&digest=" + RawRegistry.digest(content), content);
        assertThat(end.statusCode()).isEqualTo(400);
    }

    @Test
    void responsesStall() throws Exception {
        proxy.once("GET", "/blobs/", new Fault.StallResponse(10));
        try (Socket socket = get(blob)) {
            socket.setSoTimeout(300);
            HttpHead head = HttpHead.read(socket.getInputStream()).orElseThrow();
            assertThat(head.length()).hasValue(100_000L);
            assertThat(socket.getInputStream().readNBytes(10)).isEqualTo(Arrays.copyOf(CONTENT, 10));
            assertThatExceptionOfType(SocketTimeoutException.class)
                    .isThrownBy(() -> socket.getInputStream().read());
        }
    }

    @Test
    void stalledConnectionsEndWithTheProxy() throws Exception {
        proxy.once("GET", "/blobs/", new Fault.StallResponse(0));
        try (Socket socket = get(blob)) {
            HttpHead.read(socket.getInputStream());
            proxy.close();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void requestsAreDelayed() throws IOException {
        proxy.once("GET", "/v2/", new Fault.Delay(Duration.ofMillis(200)));
        long start = System.nanoTime();
        assertThat(client.get("/v2/").statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void answersComeInsteadAsOftenAsTheRuleSays() throws IOException {
        proxy.first(2, "*", "/v2/", Answer.tooManyRequests(Duration.ofSeconds(3)));
        proxy.once("GET", "/v2/", Answer.error(403, "DENIED", "not you"));
        HttpResponse<byte[]> limited = client.get("/v2/");
        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(limited.headers().firstValue("Retry-After")).hasValue("3");
        assertThat(client.send("PUT", "/v2/a/manifests/x", CONTENT).statusCode())
                .isEqualTo(429);
        assertThat(text(client.get("/v2/")))
                .isEqualTo("{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not you\",\"detail\":null}]}");
        assertThat(client.get("/v2/").statusCode()).isEqualTo(200);
    }

    @Test
    void healingForgetsTheRules() throws IOException {
        proxy.always("*", "", Answer.of(503));
        assertThat(client.get("/v2/").statusCode()).isEqualTo(503);
        assertThat(client.get("/v2/").statusCode()).isEqualTo(503);
        proxy.heal();
        assertThat(client.get("/v2/").statusCode()).isEqualTo(200);
    }

    @Test
    void bodiesAreTooShortOrTooLong() throws IOException {
        proxy.once("GET", "/blobs/", new Fault.ShortResponse(5));
        proxy.once("GET", "/blobs/", new Fault.LongResponse(7));
        assertThat(client.get(blob).body()).isEqualTo(Arrays.copyOf(CONTENT, 5));
        assertThat(client.get(blob).body()).isEqualTo(Arrays.copyOf(CONTENT, CONTENT.length + 7));
    }

    @Test
    void bodiesHaveNoEnd() throws Exception {
        proxy.once("GET", "/blobs/", new Fault.EndlessResponse());
        try (Socket socket = get(blob)) {
            HttpHead head = HttpHead.read(socket.getInputStream()).orElseThrow();
            assertThat(head.length()).isEmpty();
            byte[] much =
                    HttpBody.ofResponse(head, "GET", socket.getInputStream()).readNBytes(3_000_000);
            assertThat(much).startsWith(CONTENT).hasSize(3_000_000).endsWith(0, 0);
        }
    }

    @Test
    void rangesAreServedIgnoredOrMistaken() throws IOException {
        HttpResponse<byte[]> part = client.get(blob, "Range", "bytes=10-19");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(CONTENT, 10, 20));

        proxy.once("GET", "/blobs/", new Fault.IgnoreRange());
        HttpResponse<byte[]> all = client.get(blob, "Range", "bytes=10-19");
        assertThat(all.statusCode()).isEqualTo(200);
        assertThat(all.body()).isEqualTo(CONTENT);

        proxy.once("GET", "/blobs/", new Fault.OtherRange("bytes=0-9"));
        HttpResponse<byte[]> wrong = client.get(blob, "Range", "bytes=10-19");
        assertThat(wrong.headers().firstValue("Content-Range")).hasValue("bytes 0-9/100000");
        assertThat(wrong.body()).isEqualTo(Arrays.copyOf(CONTENT, 10));
    }

    @Test
    void headersAreChangedOrMissing() throws IOException {
        proxy.once("HEAD", "/blobs/", new Fault.SetHeader("Docker-Content-Digest", "sha256:no"));
        proxy.once("HEAD", "/blobs/", new Fault.DropHeader("Docker-Content-Digest"));
        assertThat(client.send("HEAD", blob, new byte[0]).headers().firstValue("Docker-Content-Digest"))
                .hasValue("sha256:no");
        assertThat(client.send("HEAD", blob, new byte[0]).headers().firstValue("Docker-Content-Digest"))
                .isEmpty();
    }

    @Test
    void clientsAreSentElsewhere() throws IOException {
        try (FaultProxy elsewhere = FaultProxy.before(registry)) {
            proxy.always("GET", "/blobs/", new Fault.Redirect(elsewhere.uri()));
            HttpResponse<byte[]> redirect = client.get(blob);
            assertThat(redirect.statusCode()).isEqualTo(307);
            assertThat(redirect.headers().firstValue("Location")).hasValue(elsewhere.uri() + blob);
        }
    }

    @Test
    void connectionsAreKept() throws Exception {
        try (Socket socket = get(blob)) {
            HttpHead head = HttpHead.read(socket.getInputStream()).orElseThrow();
            HttpBody.ofResponse(head, "GET", socket.getInputStream()).readAllBytes();
            request(socket, "/v2/");
            assertThat(HttpHead.read(socket.getInputStream()).orElseThrow().status())
                    .isEqualTo(200);
        }
    }

    private String beginUpload() throws IOException {
        HttpResponse<byte[]> begun = client.send("POST", "/v2/c/blobs/uploads/", new byte[0]);
        return begun.headers().firstValue("Location").orElseThrow();
    }

    private Socket get(String path) throws IOException {
        Socket socket = new Socket(proxy.uri().getHost(), proxy.uri().getPort());
        request(socket, path);
        return socket;
    }

    private void request(Socket socket, String path) throws IOException {
        HttpHead head = new HttpHead("GET " + path + " HTTP/1.1");
        head.set("Host", proxy.address());
        head.write(socket.getOutputStream());
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }
}
