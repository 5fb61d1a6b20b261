package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.MalformedModuleException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Reads the values of the binary format (WebAssembly specification, section 5.2) from a range of a byte array. Every
 * method throws {@link MalformedModuleException} where the bytes end too early or are no value of the kind. Positions
 * count from the start of the array. Used by one thread.
 */
public final class Reader {
    private final byte[] bytes;
    private final Site site;
    private int position;
    private int end;

    /** Reads {@code bytes[start..end)}. */
    public Reader(byte[] bytes, int start, int end) {
        this(bytes, start, end, new Site(Map.of()));
    }

    Reader(byte[] bytes, int start, int end, Site site) {
        this.bytes = bytes;
        this.site = site;
        range(start, end);
    }

    /** Goes on with another range of the same bytes. */
    public void range(int start, int end) {
        if (start < 0 || start > end || end > bytes.length) {
            throw new IllegalArgumentException("range " + start + ".." + end + " of " + bytes.length + " bytes");
        }
        this.position = start;
        this.end = end;
    }

    /** Where the next byte is read. */
    public int position() {
        return position;
    }

    /** Where the range ends. */
    public int end() {
        return end;
    }

    /** How many bytes are left. */
    public int remaining() {
        return end - position;
    }

    /** Whether bytes are left. */
    public boolean hasMore() {
        return position < end;
    }

    /** Passes over {@code count} bytes; {@code count} is unsigned. */
    public void skip(int count) {
        if (Integer.compareUnsigned(count, end - position) > 0) {
            throw endsEarly(end);
        }
        position += count;
    }

    /** A byte, 0 to 255. */
    public int u8() {
        int at = position;
        if (at >= end) {
            throw endsEarly(at);
        }
        position = at + 1;
        return bytes[at] & 0xFF;
    }

    /** A byte, 0 to 255; -1 at the end of the range. */
    int next() {
        int at = position;
        if (at >= end) {
            return -1;
        }
        position = at + 1;
        return bytes[at] & 0xFF;
    }

    /** The next byte without passing over it, 0 to 255; -1 at the end of the range. */
    public int peek() {
        return position < end ? bytes[position] & 0xFF : -1;
    }

    /**
     * An opcode (section 5.4) as in {@link Op}: a byte, or {@code prefix << 12 | number}. Numbers above 0xFFF, which no
     * instruction has, are malformed.
     */
    public int op() {
        return rest(u8());
    }

    /** An opcode whose first byte was read already. */
    int rest(int first) {
        return first < Op.PREFIX_GC || first == 0xFF ? first : prefixed(first);
    }

    private int prefixed(int prefix) {
        int start = position - 1;
        int number = u32();
        if (Integer.compareUnsigned(number, 0xFFF) > 0) {
            throw site.malformed(
                    start,
                    "there is no instruction 0x" + Integer.toHexString(prefix) + " "
                            + Integer.toUnsignedString(number));
        }
        return Op.prefixed(prefix, number);
    }

    /** An unsigned 32-bit integer in LEB128 (section 5.2.2), to be read as unsigned. */
    public int u32() {
        byte first = first();
        if (first >= 0) {
            position++;
            return first;
        }
        return (int) unsigned(32);
    }

    /** An unsigned 64-bit integer in LEB128, to be read as unsigned. */
    public long u64() {
        byte first = first();
        if (first >= 0) {
            position++;
            return first;
        }
        return unsigned(64);
    }

    /** A signed 32-bit integer in LEB128. */
    public int s32() {
        byte first = first();
        if (first >= 0) {
            position++;
            return first << 25 >> 25;
        }
        return (int) signed(32);
    }

    /** A signed 33-bit integer in LEB128, as in block types (section 5.4.1) and heap types (section 5.3.4). */
    public long s33() {
        return signed(33);
    }

    /** A signed 64-bit integer in LEB128. */
    public long s64() {
        return signed(64);
    }

    /**
     * The first byte of an integer: not negative if it is the only one. Methods on the way of most integers are as small
     * as this, so that even the JVM's first compiler inlines them (35 bytes of bytecode): it matters in cold processes.
     */
    private byte first() {
        int at = position;
        return at < end ? bytes[at] : -1;
    }

    private long unsigned(int bits) {
        int start = position;
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int b = u8();
            if (shift + 7 > bits) {
                requireLast(start, b, b >>> (bits - shift) == 0);
            }
            value |= (b & 0x7FL) << shift;
            if (b < 0x80) {
                return value;
            }
        }
    }

    private long signed(int bits) {
        int start = position;
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int b = u8();
            if (shift + 7 > bits) {
                // The unused bits of the last byte repeat the sign.
                int unused = b << 25 >> 25 >> (bits - shift - 1);
                requireLast(start, b, unused == 0 || unused == -1);
            }
            value |= (b & 0x7FL) << shift;
            if (b < 0x80) {
                return shift + 7 < 64 ? value << (57 - shift) >> (57 - shift) : value;
            }
        }
    }

    private void requireLast(int start, int b, boolean unusedBitsFit) {
        if (b >= 0x80) {
            throw site.malformed(start, "integer representation too long: more bytes than its type needs");
        }
        if (!unusedBitsFit) {
            throw site.malformed(start, "integer too large: it is outside of its type's range");
        }
    }

    /** The bits of a 32-bit float (section 5.2.3). */
    public int f32Bits() {
        int at = position;
        skip(4);
        return (bytes[at] & 0xFF) | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF) << 16 | bytes[at + 3] << 24;
    }

    /** The bits of a 64-bit float. */
    public long f64Bits() {
        long low = Integer.toUnsignedLong(f32Bits());
        return low | (long) f32Bits() << 32;
    }

    /** A name: a length and so many bytes of UTF-8 (section 5.2.4). */
    public String name() {
        int length = u32();
        int start = position;
        skip(length);
        boolean ascii = true;
        for (int i = start; i < position; i++) {
            if (bytes[i] < 0) {
                ascii = false;
                break;
            }
        }
        if (ascii) {
            return new String(bytes, start, length, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, start, length))
                    .toString();
        } catch (CharacterCodingException _) {
            throw site.malformed(start, "malformed UTF-8 encoding of a name");
        }
    }

    private MalformedModuleException endsEarly(int at) {
        return site.malformed(at, "unexpected end: the bytes end in the middle of something");
    }
}
