package dev.skiff.wasm.internal.cache;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** SHA-256 and a message authentication code made of it. */
public final class Digests {
    /** Length of a digest in bytes. */
    public static final int LENGTH = 32;

    private static final int BLOCK = 64;

    private Digests() {}

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** SHA-256 of bytes. */
    public static byte[] sha256(byte[] bytes) {
        return newSha256().digest(bytes);
    }

    /** Bytes as lower-case hexadecimal digits. */
    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** HMAC (RFC 2104) with SHA-256; here because loading the JDK's takes longer than all else at the start of a program. */
    static byte[] hmac(byte[] key, byte[]... parts) {
        byte[] block = Arrays.copyOf(key, BLOCK);
        MessageDigest inner = newSha256();
        inner.update(xor(block, 0x36));
        for (byte[] part : parts) {
            inner.update(part);
        }
        MessageDigest outer = newSha256();
        outer.update(xor(block, 0x5C));
        return outer.digest(inner.digest());
    }

    private static byte[] xor(byte[] block, int value) {
        byte[] result = new byte[block.length];
        for (int i = 0; i < block.length; i++) {
            result[i] = (byte) (block[i] ^ value);
        }
        return result;
    }
}
