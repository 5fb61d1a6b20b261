package dev.skiff.wasm.internal.cache;

/**
 * Authenticates bytes with a secret key: SipHash-2-4 with a result of 128 bits (Aumasson and Bernstein, 2012). Who does not
 * know the key can neither make a seal nor find two texts with the same one.
 *
 * <p>Not a digest of the JDK: to load those, and to run them before they are compiled, takes longer than all else at the
 * start of a program (docs/decisions/0006). Not thread-safe; one for each text.
 */
final class Seal {
    /** Length of a key and of a seal in bytes. */
    static final int LENGTH = 16;

    /** What is sealed. Each purpose has a key of its own, so that a seal for one is worth nothing for another. */
    enum Purpose {
        MODULE,
        NAME,
        INDEX,
        CLASS_FILE;

        private final byte[] text = {(byte) ordinal()};
    }

    private long v0;
    private long v1;
    private long v2;
    private long v3;

    private Seal(byte[] key) {
        long k0 = word(key, 0);
        long k1 = word(key, 8);
        v0 = k0 ^ 0x736f6d6570736575L;
        v1 = k1 ^ 0x646f72616e646f6dL ^ 0xee;
        v2 = k0 ^ 0x6c7967656e657261L;
        v3 = k1 ^ 0x7465646279746573L;
    }

    /** The seal of bytes. */
    static byte[] of(byte[] key, Purpose purpose, byte[] bytes) {
        return sipHash(sipHash(key, purpose.text), bytes);
    }

    /** The function itself. */
    static byte[] sipHash(byte[] key, byte[] bytes) {
        Seal seal = new Seal(key);
        int whole = bytes.length & -8;
        for (int i = 0; i < whole; i += 8) {
            seal.add(word(bytes, i));
        }
        long last = (long) bytes.length << 56;
        for (int i = whole; i < bytes.length; i++) {
            last |= (bytes[i] & 0xffL) << 8 * (i - whole);
        }
        seal.add(last);
        return seal.finish();
    }

    /** Whether two seals are the same; takes as long if they are not. */
    static boolean same(byte[] a, byte[] b) {
        return (word(a, 0) ^ word(b, 0) | word(a, 8) ^ word(b, 8)) == 0;
    }

    private static long word(byte[] bytes, int at) {
        return bytes[at] & 0xffL
                | (bytes[at + 1] & 0xffL) << 8
                | (bytes[at + 2] & 0xffL) << 16
                | (bytes[at + 3] & 0xffL) << 24
                | (bytes[at + 4] & 0xffL) << 32
                | (bytes[at + 5] & 0xffL) << 40
                | (bytes[at + 6] & 0xffL) << 48
                | (bytes[at + 7] & 0xffL) << 56;
    }

    private void add(long word) {
        v3 ^= word;
        mix(2);
        v0 ^= word;
    }

    private byte[] finish() {
        byte[] result = new byte[LENGTH];
        v2 ^= 0xee;
        mix(4);
        put(v0 ^ v1 ^ v2 ^ v3, result, 0);
        v1 ^= 0xdd;
        mix(4);
        put(v0 ^ v1 ^ v2 ^ v3, result, 8);
        return result;
    }

    private static void put(long word, byte[] bytes, int at) {
        for (int i = 0; i < 8; i++) {
            bytes[at + i] = (byte) (word >>> 8 * i);
        }
    }

    // Rotations are written out, as a call each costs more until they are compiled.
    private void mix(int rounds) {
        long a = v0;
        long b = v1;
        long c = v2;
        long d = v3;
        for (int i = 0; i < rounds; i++) {
            a += b;
            c += d;
            b = (b << 13 | b >>> 51) ^ a;
            d = (d << 16 | d >>> 48) ^ c;
            a = a << 32 | a >>> 32;
            c += b;
            a += d;
            b = (b << 17 | b >>> 47) ^ c;
            d = (d << 21 | d >>> 43) ^ a;
            c = c << 32 | c >>> 32;
        }
        v0 = a;
        v1 = b;
        v2 = c;
        v3 = d;
    }
}
