package dev.skiff.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Just enough of a registry to rehearse with: it keeps in memory what it gets and gives it back. */
final class RehearsalRegistry implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, byte[]> content = new ConcurrentHashMap<>();

    RehearsalRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Host and port. */
    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        byte[] sent = exchange.getRequestBody().readAllBytes();
        switch (exchange.getRequestMethod()) {
            case "POST" -> {
                exchange.getResponseHeaders().add("Location", path + "session");
                exchange.sendResponseHeaders(202, -1);
            }
            case "PUT" -> {
                int digest = query.indexOf("digest=");
                content.put(digest < 0 ? path : blob(path, query.substring(digest + 7)), sent);
                exchange.sendResponseHeaders(201, -1);
            }
            default -> give(exchange, content.get(path));
        }
        exchange.close();
    }

    private static String blob(String path, String digest) {
        return path.substring(0, path.indexOf("/blobs/")) + "/blobs/" + digest;
    }

    private static void give(HttpExchange exchange, byte[] found) throws IOException {
        if (found == null) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(200, head ? -1 : found.length);
        if (!head) {
            exchange.getResponseBody().write(found);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }

    /** A module of some megabytes that does nothing. */
    static byte[] module() {
        int size = 4 << 20;
        ByteArrayOutputStream out = new ByteArrayOutputStream(size + 32);
        out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 0});
        // The section's size as four bytes of LEB128: a name of no bytes, and zeros.
        out.writeBytes(new byte[] {(byte) 0x80, (byte) 0x80, (byte) 0x80, 2});
        out.writeBytes(new byte[size]);
        return out.toByteArray();
    }
}
