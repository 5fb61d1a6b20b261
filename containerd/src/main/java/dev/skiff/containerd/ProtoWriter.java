package dev.skiff.containerd;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;

/** Writes a message of protocol buffers, field by field; what has its default value is left out, as proto3 does. Not thread-safe. */
final class ProtoWriter {
    /** Messages are short, and there are many that wait. */
    private static final int BUFFER = 256;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes, BUFFER);

    ProtoWriter text(int field, String value) {
        return value.isEmpty() ? this : write(() -> out.writeString(field, value));
    }

    ProtoWriter bytes(int field, byte[] value) {
        return value.length == 0 ? this : write(() -> out.writeByteArray(field, value));
    }

    /** A number that is unsigned in the message, of 32 bits or 64. */
    ProtoWriter number(int field, long value) {
        return value == 0 ? this : write(() -> out.writeUInt64(field, value));
    }

    ProtoWriter bool(int field, boolean value) {
        return value ? write(() -> out.writeBool(field, true)) : this;
    }

    /** A message in this one, even if it is empty. */
    ProtoWriter message(int field, ProtoWriter value) {
        return write(() -> out.writeByteArray(field, value.toBytes()));
    }

    /** A {@code google.protobuf.Timestamp}. */
    ProtoWriter time(int field, Instant value) {
        return message(
                field, new ProtoWriter().number(1, value.getEpochSecond()).number(2, value.getNano()));
    }

    /** A {@code google.protobuf.Any}. */
    ProtoWriter any(int field, String type, ProtoWriter value) {
        return message(field, new ProtoWriter().text(1, type).bytes(2, value.toBytes()));
    }

    byte[] toBytes() {
        write(out::flush);
        return bytes.toByteArray();
    }

    private interface Step {
        void run() throws IOException;
    }

    private ProtoWriter write(Step step) {
        try {
            step.run();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
