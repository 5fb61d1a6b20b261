package dev.skiff.containerd;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.skiff.containerd.RpcException.Code;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A process that is wanted in a container (OCI runtime specification, {@code process}).
 *
 * @param arguments the program and its arguments, at least one
 * @param directory where it is when it starts, absolute
 * @param environment what it finds there, in order
 */
record ProcessSpec(List<String> arguments, String directory, Map<String, String> environment) {
    /**
     * Reads what {@code ExecProcessRequest} says of one.
     *
     * @param any a {@code google.protobuf.Any} with JSON
     * @throws RpcException if it says nothing that could be run
     */
    static ProcessSpec read(ProtoMessage any) {
        try {
            return parse(JsonParser.parseString(new String(any.bytes(2), StandardCharsets.UTF_8))
                    .getAsJsonObject());
        } catch (JsonParseException
                | IllegalStateException
                | IllegalArgumentException
                | ClassCastException
                | UnsupportedOperationException e) {
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
        return new ProcessSpec(arguments, Json.text(json, "cwd").orElse("/"), environment);
    }

    /** The program. */
    String program() {
        return arguments.getFirst();
    }
}
