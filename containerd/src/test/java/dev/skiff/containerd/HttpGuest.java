package dev.skiff.containerd;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Asks the guest {@code http-c}, whose answers end with the first line of the request. */
final class HttpGuest {
    private HttpGuest() {}

    /** The whole answer to {@code GET /boat}. */
    static String get(String host, int port) throws IOException {
        try (Socket socket = new Socket(host, port)) {
            socket.getOutputStream().write("GET /boat HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
