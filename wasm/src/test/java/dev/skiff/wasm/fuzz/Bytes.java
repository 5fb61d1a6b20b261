package dev.skiff.wasm.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the binary format's values. */
final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Bytes u8(int value) {
        out.write(value);
        return this;
    }

    Bytes unsigned(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    Bytes signed(long value) {
        long rest = value;
        while (rest < -64 || rest > 63) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>= 7;
        }
        out.write((int) (rest & 0x7F));
        return this;
    }

    /** Little-endian. */
    Bytes fixed(long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (value >>> 8 * i));
        }
        return this;
    }

    Bytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    Bytes name(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return unsigned(bytes.length).raw(bytes);
    }

    /** The other bytes with their length before them. */
    Bytes sized(Bytes other) {
        return unsigned(other.out.size()).raw(other.toArray());
    }

    Bytes section(int id, Bytes contents) {
        return u8(id).sized(contents);
    }

    byte[] toArray() {
        return out.toByteArray();
    }
}
