package dev.skiff.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.Credentials;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;

/** Connections to servers, kept for further requests. Makes one request at a time for each thread that wants one. Thread-safe. */
final class HttpConnections implements AutoCloseable {
    private static final Timeout CONNECT = Timeout.ofSeconds(10);
    /** What is idle for longer may be gone, and is looked at before it is used. */
    private static final Timeout IDLE = Timeout.ofSeconds(1);
    /** Who uses this decides how many connections there are. */
    private static final int MAX_CONNECTIONS = 1000;

    private static final int HTTPS = 443;
    private static final int BUFFER = 64 << 10;
    private static final int MAX_HEADERS = 1000;
    private static final int MAX_HEADER = 64 << 10;
    /** How often a large body is interrupted to see whether the server has answered already. */
    private static final long LOOK_EACH = 1 << 20;

    /** Knows what proves that a server is who it should be. */
    @FunctionalInterface
    interface TrustSource {
        SSLContext of(String host, int port);
    }

    private final TrustSource trust;
    private final EnvironmentProxies proxies;
    private final Duration stall;
    private final CloseableHttpClient client;

    /**
     * Makes no connection yet.
     *
     * @param trust who may vouch for servers; asked for where there is TLS
     * @param stall how long nothing may come of an answer that has begun, or be taken of a request
     */
    HttpConnections(TrustSource trust, EnvironmentProxies proxies, Duration stall) {
        this.trust = trust;
        this.proxies = proxies;
        this.stall = stall;
        Http1Config http = Http1Config.custom()
                .setBufferSize(BUFFER)
                .setMaxHeaderCount(MAX_HEADERS)
                .setMaxLineLength(MAX_HEADER)
                .build();
        client = HttpClients.custom()
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableConnectionState()
                .disableContentCompression()
                .disableCookieManagement()
                .disableDefaultUserAgent()
                .disableRedirectHandling()
                .setRequestExecutor(new Executor())
                .setRoutePlanner((target, context) -> route(target))
                .setDefaultCredentialsProvider((scope, context) -> credentials(scope))
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                                .http1Config(http)
                                .responseOutOfOrderStrategy((request, connection, in, sent, next) ->
                                        sent / LOOK_EACH != (sent + next) / LOOK_EACH && in.available() > 0)
                                .build())
                        .setTlsSocketStrategy((socket, host, port, attachment, context) ->
                                tls(trust.of(host, port), socket, host, port))
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(CONNECT)
                                .setValidateAfterInactivity(IDLE)
                                .build())
                        .setMaxConnPerRoute(MAX_CONNECTIONS)
                        .setMaxConnTotal(MAX_CONNECTIONS)
                        .build())
                .build();
    }

    private HttpRoute route(HttpHost target) throws HttpException {
        HttpHost host = RoutingSupport.normalize(target, DefaultSchemePortResolver.INSTANCE);
        boolean secure = host.getSchemeName().equals("https");
        return proxies.proxy(URI.create(host.toURI()))
                .map(proxy -> new HttpRoute(host, null, new HttpHost(proxy.host(), proxy.port()), secure))
                .orElseGet(() -> new HttpRoute(host, null, secure));
    }

    /** Who we say to be to the proxy of TLS connections, and to nobody else. */
    private Credentials credentials(AuthScope scope) {
        return proxies.tunnel()
                .filter(proxy -> proxy.host().equals(scope.getHost()) && proxy.port() == scope.getPort())
                .flatMap(EnvironmentProxies.Proxy::credentials)
                .map(basic -> new UsernamePasswordCredentials(
                        basic.user(), basic.password().toCharArray()))
                .orElse(null);
    }

    private static SSLSocket tls(SSLContext trust, Socket socket, String host, int port) throws IOException {
        SSLSocket secure = (SSLSocket) trust.getSocketFactory().createSocket(socket, host, port, true);
        try {
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secure.setSSLParameters(parameters);
            secure.setSoTimeout(CONNECT.toMillisecondsIntBound());
            secure.startHandshake();
            return secure;
        } catch (IOException | RuntimeException e) {
            secure.close();
            throw e;
        }
    }

    /**
     * Makes a request.
     *
     * @param headers all that it has, but those that say where it goes and how long it is
     * @return the answer, whatever it says; must be closed
     * @throws IOException if there is none
     */
    Answer exchange(Call call, URI uri, Map<String, String> headers) throws IOException {
        if (uri.getScheme().equals("https")) {
            // A damaged file is told of before a server that does not answer.
            trust.of(uri.getHost(), uri.getPort() < 0 ? HTTPS : uri.getPort());
        }
        HttpUriRequestBase request = new HttpUriRequestBase(call.method(), uri);
        headers.forEach(request::setHeader);
        request.setConfig(RequestConfig.custom()
                .setProtocolUpgradeEnabled(false)
                .setResponseTimeout(Timeout.of(call.timeout()))
                .build());
        if (call.body().isEmpty()) {
            return new Answer(uri, request, client.executeOpen(null, request, null), stall);
        }
        Outgoing outgoing = new Outgoing(call.body().get());
        request.setEntity(outgoing);
        Thread guard = Thread.ofPlatform().daemon().name("stall-guard").start(() -> outgoing.watch(request));
        try {
            return new Answer(uri, request, client.executeOpen(null, request, null), stall);
        } catch (IOException e) {
            if (outgoing.stalled) {
                throw new Answer.StalledException(uri.getAuthority() + " took nothing for " + Answer.text(stall), e);
            }
            throw e;
        } finally {
            guard.interrupt();
        }
    }

    /** Ends all requests. */
    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
    }

    /** Has patience for the beginning of an answer, and less for each further part. */
    private final class Executor extends HttpRequestExecutor {
        @Override
        public ClassicHttpResponse execute(
                ClassicHttpRequest request,
                HttpClientConnection connection,
                HttpResponseInformationCallback callback,
                HttpContext context)
                throws IOException, HttpException {
            ClassicHttpResponse response = super.execute(request, connection, callback, context);
            connection.setSocketTimeout(Timeout.of(stall));
            return response;
        }
    }

    /** A body on its way. */
    private final class Outgoing extends AbstractHttpEntity {
        private final Body body;
        /** Odd while the server is waited for. */
        private final AtomicLong steps = new AtomicLong();

        private volatile boolean done;
        private volatile boolean stalled;

        Outgoing(Body body) {
            super((String) null, null);
            this.body = body;
        }

        @Override
        public long getContentLength() {
            return body.length();
        }

        @Override
        public InputStream getContent() throws IOException {
            return body.open();
        }

        @Override
        public boolean isStreaming() {
            return false;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            try (InputStream in = body.open()) {
                byte[] buffer = new byte[BUFFER];
                long left = body.length();
                while (left > 0) {
                    int got = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                    if (got < 0) {
                        throw new IOException("the content ends " + left + " bytes early");
                    }
                    steps.incrementAndGet();
                    out.write(buffer, 0, got);
                    steps.incrementAndGet();
                    left -= got;
                }
            } finally {
                done = true;
            }
        }

        /** A socket waits for ever for somebody who takes nothing. */
        void watch(HttpUriRequestBase request) {
            try {
                while (!done) {
                    long seen = steps.get();
                    Thread.sleep(stall);

                    if (seen % 2 == 1 && steps.get() == seen) {
                        stalled = true;
                        request.cancel();
                    }
                }
            } catch (InterruptedException e) {
                // There is an answer, or none will come.
            }
        }

        @Override
        public void close() {
            // What was opened was closed.
        }
    }
}
