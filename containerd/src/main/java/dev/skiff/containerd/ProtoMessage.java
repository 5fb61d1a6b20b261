package dev.skiff.containerd;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.skiff.containerd.RpcException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a message of protocol buffers by their numbers. Of a field that is there several times the last counts, unless all are
 * asked for; unknown fields do no harm. Immutable.
 */
final class ProtoMessage {
    private final Map<Integer, List<byte[]>> chunks = new HashMap<>();
    private final Map<Integer, Long> numbers = new HashMap<>();

    private ProtoMessage() {}

    /**
     * Reads a message.
     *
     * @throws RpcException INVALID_ARGUMENT if it is none
     */
    static ProtoMessage parse(byte[] bytes) {
        ProtoMessage message = new ProtoMessage();
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                message.read(tag, in);
            }
            return message;
        } catch (IOException e) {
            throw new RpcException(Code.INVALID_ARGUMENT, "a message is no protocol buffer: " + e.getMessage(), e);
        }
    }

    private void read(int tag, CodedInputStream in) throws IOException {
        int field = WireFormat.getTagFieldNumber(tag);
        switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> numbers.put(field, in.readUInt64());
            case WireFormat.WIRETYPE_FIXED64 -> numbers.put(field, in.readFixed64());
            case WireFormat.WIRETYPE_LENGTH_DELIMITED ->
                chunks.computeIfAbsent(field, any -> new ArrayList<>()).add(in.readByteArray());
            default -> in.skipField(tag);
        }
    }

    /** A string; empty if it is not there. */
    String text(int field) {
        return new String(bytes(field), StandardCharsets.UTF_8);
    }

    /** Bytes; none if they are not there. */
    byte[] bytes(int field) {
        List<byte[]> found = chunks.get(field);
        return found == null ? new byte[0] : found.getLast();
    }

    /** A number; 0 if it is not there. */
    long number(int field) {
        return numbers.getOrDefault(field, 0L);
    }

    boolean bool(int field) {
        return number(field) != 0;
    }

    /** All strings of a repeated field. */
    List<String> texts(int field) {
        return chunks.getOrDefault(field, List.of()).stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .toList();
    }

    /** A message; one without fields if it is not there. */
    ProtoMessage message(int field) {
        return parse(bytes(field));
    }

    /** All messages of a repeated field. */
    List<ProtoMessage> messages(int field) {
        return chunks.getOrDefault(field, List.of()).stream()
                .map(ProtoMessage::parse)
                .toList();
    }
}
