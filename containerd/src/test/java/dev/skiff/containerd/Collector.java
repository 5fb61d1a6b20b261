package dev.skiff.containerd;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** Takes spans by OTLP/HTTP, as protocol buffers. */
final class Collector implements AutoCloseable {
    /**
     * A span as it came.
     *
     * @param trace as the IDs of spans, in hexadecimal
     * @param parent empty if it is the first of its trace
     * @param begin as the end, in nanoseconds since 1970
     * @param isError whether its status says so
     */
    record Received(
            String service,
            String name,
            String trace,
            String id,
            String parent,
            long begin,
            long end,
            Map<String, String> attributes,
            boolean isError) {}

    /** A request, as it came. */
    @SuppressWarnings("ArrayRecordComponent")
    record Raw(String path, String type, String authorization, byte[] body) {}

    private final HttpServer server;
    private final List<Raw> requests = new CopyOnWriteArrayList<>();

    /** One that answers with a status. */
    Collector(int status) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            try (exchange) {
                requests.add(new Raw(
                        exchange.getRequestURI().getPath(),
                        exchange.getRequestHeaders().getFirst("Content-Type"),
                        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                                .orElse(""),
                        exchange.getRequestBody().readAllBytes()));
                exchange.sendResponseHeaders(status, -1);
            }
        });
        server.start();
    }

    /** Without a path. */
    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<Raw> requests() {
        return requests;
    }

    /** All spans so far. */
    List<Received> spans() {
        List<Received> all = new ArrayList<>();
        for (Raw raw : requests) {
            for (ProtoMessage resource : ProtoMessage.parse(raw.body()).messages(1)) {
                String service = attributes(resource.message(1).messages(1)).getOrDefault("service.name", "");
                for (ProtoMessage scope : resource.messages(2)) {
                    scope.messages(2).forEach(span -> all.add(received(service, span)));
                }
            }
        }
        return all;
    }

    private static Received received(String service, ProtoMessage span) {
        HexFormat hex = HexFormat.of();
        return new Received(
                service,
                span.text(5),
                hex.formatHex(span.bytes(1)),
                hex.formatHex(span.bytes(2)),
                hex.formatHex(span.bytes(4)),
                span.number(7),
                span.number(8),
                attributes(span.messages(9)),
                span.message(15).number(3) == 2);
    }

    private static Map<String, String> attributes(List<ProtoMessage> pairs) {
        Map<String, String> attributes = new HashMap<>();
        pairs.forEach(pair -> attributes.put(pair.text(1), pair.message(2).text(1)));
        return attributes;
    }

    /** The spans of a name, of which one or more come sooner or later. */
    List<Received> await(String name, String attribute, String value) {
        Containerd.until(
                "a span " + name + " of " + value + " comes",
                () -> !named(name, attribute, value).isEmpty());
        return named(name, attribute, value);
    }

    private List<Received> named(String name, String attribute, String value) {
        return spans().stream()
                .filter(span -> span.name().equals(name)
                        && value.equals(span.attributes().get(attribute)))
                .toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
