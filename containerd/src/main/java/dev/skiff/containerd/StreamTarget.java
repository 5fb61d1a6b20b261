package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where a standard stream leads, of the ways that containerd has to say it. */
sealed interface StreamTarget {
    /** Nowhere. */
    record None() implements StreamTarget {}

    /**
     * A named pipe.
     *
     * @param path of it
     */
    record NamedPipe(String path) implements StreamTarget {}

    /**
     * A file that grows.
     *
     * @param path absolute
     */
    record Appended(String path) implements StreamTarget {}

    /**
     * A program that is started for the task, and takes both of its output streams.
     *
     * @param program absolute path
     * @param arguments after its name: each key of the query and its value, which may be empty
     * @param environment more of it than the task's name: keys that begin with {@code env.}, without that
     */
    record Logger(String program, List<String> arguments, Map<String, String> environment) implements StreamTarget {}

    /**
     * Reads a name: nothing, a path, {@code file:///path} or {@code binary:///path?key=value&key=value}. Of keys that come again the first
     * counts.
     *
     * @throws RpcException if it is none of them
     */
    static StreamTarget of(String name) {
        if (name.isEmpty()) {
            return new None();
        }
        if (!name.contains("://")) {
            return new NamedPipe(name);
        }
        try {
            URI uri = URI.create(name);
            return switch (uri.getScheme()) {
                case "file" -> new Appended(path(uri));
                case "binary" -> logger(uri);
                default ->
                    throw new RpcException(
                            Code.UNIMPLEMENTED,
                            "standard streams go to named pipes, file:// and binary://; " + name + " is none of them");
            };
        } catch (IllegalArgumentException e) {
            throw new RpcException(
                    Code.INVALID_ARGUMENT, "no standard stream can go to " + name + ": " + e.getMessage(), e);
        }
    }

    private static String path(URI uri) {
        String path = uri.getPath();
        if (uri.getRawAuthority() != null || path.length() < 2 || path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("it has no absolute path after " + uri.getScheme() + "://");
        }
        return path;
    }

    private static Logger logger(URI uri) {
        List<String> arguments = new ArrayList<>();
        Map<String, String> environment = new LinkedHashMap<>();
        query(uri).forEach((key, value) -> {
            if (key.startsWith("env.")) {
                environment.put(key.substring(4), value);
            } else {
                arguments.add(key);
                arguments.add(value);
            }
        });
        return new Logger(path(uri), List.copyOf(arguments), Map.copyOf(environment));
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> query = new LinkedHashMap<>();
        if (uri.getRawQuery() != null) {
            for (String part : uri.getRawQuery().split("&", -1)) {
                int end = part.indexOf('=');
                String key = decoded(end < 0 ? part : part.substring(0, end));
                if (!part.isEmpty()) {
                    query.putIfAbsent(key, end < 0 ? "" : decoded(part.substring(end + 1)));
                }
            }
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
