package dev.skiff.wasm;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of bytes with the binary format's encodings of values (WebAssembly specification, section 5.2). */
final class Bytes {
    private byte[] bytes = new byte[64];
    private int size;

    Bytes u8(int value) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, size * 2);
        }
        bytes[size++] = (byte) value;
        return this;
    }

    /** An unsigned LEB128 number of up to 32 bits. */
    Bytes u32(long value) {
        long rest = value;
        while (rest > 0x7F) {
            u8((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        return u8((int) rest);
    }

    /** A signed LEB128 number. */
    Bytes s64(long value) {
        long rest = value;
        while (rest < -64 || rest > 63) {
            u8((int) (rest & 0x7F | 0x80));
            rest >>= 7;
        }
        return u8((int) (rest & 0x7F));
    }

    /** The low bytes of a number, the lowest first. */
    Bytes littleEndian(long value, int length) {
        for (int i = 0; i < length; i++) {
            u8((int) (value >>> 8 * i));
        }
        return this;
    }

    Bytes raw(byte... more) {
        for (byte b : more) {
            u8(b);
        }
        return this;
    }

    Bytes append(Bytes other) {
        return raw(other.toArray());
    }

    Bytes name(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return u32(utf8.length).raw(utf8);
    }

    Bytes type(ValType type) {
        return switch (type) {
            case NumType num -> u8(0x7F - num.ordinal());
            case RefType(boolean nullable, HeapType heap) -> nullable ? heap(heap) : u8(0x64).heap(heap);
        };
    }

    Bytes heap(HeapType heap) {
        return u8(
                switch (heap) {
                    case FUNC -> 0x70;
                    case EXTERN -> 0x6F;
                    case EXN -> 0x69;
                });
    }

    Bytes size(SizeRange range) {
        u8(range.max().isPresent() ? 1 : 0).u32(range.min());
        range.max().ifPresent(this::u32);
        return this;
    }

    int size() {
        return size;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }
}
