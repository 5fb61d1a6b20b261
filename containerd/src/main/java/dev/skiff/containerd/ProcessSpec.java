package dev.skiff.containerd;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.skiff.containerd.RpcException.Code;
import dev.skiff.linux.FileUser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process that is wanted in a container (OCI runtime specification, {@code process}).
 *
 * @param arguments the program and its arguments, at least one
 * @param directory where it is when it starts, absolute
 * @param environment what it finds there, in order
 * @param window how large the window of its terminal is at first, if that is said
 * @param openFiles how many files it may have open, if that is said ({@code RLIMIT_NOFILE})
 * @param user who it is to the files, and with which capabilities; none if it does not say
 */
record ProcessSpec(
        List<String> arguments,
        String directory,
        Map<String, String> environment,
        Optional<Window> window,
        Optional<Integer> openFiles,
        FileUser user) {
    /** What some write for no limit is more than a process that others share should have. */
    private static final long MAX_OPEN_FILES = 65_536;

    /** How many characters there are in a line, and lines. */
    record Window(long columns, long rows) {}

    /**
     * Reads what {@code ExecProcessRequest} says of one.
     *
     * @param any a {@code google.protobuf.Any} with JSON
     * @throws RpcException if it says nothing that could be run
     */
    static ProcessSpec read(ProtoMessage any) {
        try {
            return Json.read(any.bytes(2), ProcessSpec::parse);
        } catch (IllegalArgumentException e) {
            throw new RpcException(Code.INVALID_ARGUMENT, "the process is not described: " + e.getMessage(), e);
        }
    }

    /** Reads one that is in a document; throws what is no such thing there. */
    static ProcessSpec parse(JsonObject json) {
        List<String> arguments = Json.texts(json, "args");
        if (arguments.isEmpty()) {
            throw new RpcException(
                    Code.INVALID_ARGUMENT, "the container has neither a command nor an image with an entrypoint");
        }
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : Json.texts(json, "env")) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                environment.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        String directory = Json.text(json, "cwd").orElse("/");
        if (!directory.equals("/")) {
            // WASI 0.1 has no other way to say it, and Go's programs look there.
            environment.putIfAbsent("PWD", directory);
        }
        return new ProcessSpec(arguments, directory, environment, window(json), openFiles(json), user(json));
    }

    private static FileUser user(JsonObject json) {
        JsonObject user = Json.object(json, "user");
        long uid = Json.number(user, "uid").orElse(0L);
        List<Long> groups = Json.elements(user, "additionalGids").stream()
                .map(JsonElement::getAsLong)
                .toList();
        return new FileUser(
                uid,
                Json.number(user, "gid").orElse(0L),
                groups,
                Math.toIntExact(Json.number(user, "umask").orElse(0L) & 0777),
                CapabilitySets.parse(Json.object(json, "capabilities"))
                        .ofProgram(uid, Json.isTrue(json, "noNewPrivileges")));
    }

    private static Optional<Window> window(JsonObject json) {
        JsonObject size = Json.object(json, "consoleSize");
        Optional<Long> columns = Json.number(size, "width");
        Optional<Long> rows = Json.number(size, "height");
        return columns.flatMap(width -> rows.map(height -> new Window(width, height)))
                .filter(window -> window.columns() > 0 && window.rows() > 0);
    }

    private static Optional<Integer> openFiles(JsonObject json) {
        for (JsonElement each : Json.elements(json, "rlimits")) {
            JsonObject limit = each.getAsJsonObject();
            if (Json.text(limit, "type").equals(Optional.of("RLIMIT_NOFILE"))) {
                return Json.number(limit, "soft").filter(files -> files >= 0).map(files ->
                        (int) Math.min(files, MAX_OPEN_FILES));
            }
        }
        return Optional.empty();
    }

    /** The program. */
    String program() {
        return arguments.getFirst();
    }
}
