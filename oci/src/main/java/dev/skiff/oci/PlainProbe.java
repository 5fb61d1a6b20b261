package dev.skiff.oci;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Finds out whether a server of this machine speaks HTTP without TLS. */
final class PlainProbe {
    private static final int TIMEOUT_MILLIS = 2_000;
    private static final int STATUS_LINE = 12;

    private PlainProbe() {}

    /**
     * Asks without TLS, and without anything that is secret. A server that wants TLS answers with an alert, or that this is a bad
     * request. Empty if nobody listens there.
     */
    static Optional<Boolean> isPlain(String host) {
        int colon = host.lastIndexOf(':');
        boolean hasPort = colon > host.lastIndexOf(']');
        String name = hasPort ? host.substring(0, colon) : host;
        int port = hasPort ? Integer.parseInt(host, colon + 1, host.length(), 10) : 80;
        try (Socket socket = new Socket(Proxy.NO_PROXY)) {
            socket.connect(new InetSocketAddress(InetAddress.getByName(name), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            String request = "GET /v2/ HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readNBytes(STATUS_LINE), StandardCharsets.US_ASCII);
            return Optional.of(answer.startsWith("HTTP/1.") && !answer.endsWith(" 400"));
        } catch (ConnectException e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(false);
        }
    }
}
