package dev.skiff.oci;

import java.io.ByteArrayOutputStream;

/** Small modules for tests. */
final class Modules {
    private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};

    private Modules() {}

    /** A module with a custom section of about so many bytes. */
    static byte[] withPadding(int bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes + 32);
        out.writeBytes(HEADER);
        byte[] content = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            content[i] = (byte) (i * 31 + i / 7919);
        }
        section(out, "padding", content);
        return out.toByteArray();
    }

    /** A module that says something of itself in a custom section. */
    static byte[] withMetadata(String name, String value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(HEADER);
        section(out, name, value.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    private static void section(ByteArrayOutputStream out, String name, byte[] content) {
        byte[] nameBytes = name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        out.write(0);
        u32(out, 1 + nameBytes.length + content.length);
        u32(out, nameBytes.length);
        out.writeBytes(nameBytes);
        out.writeBytes(content);
    }

    private static void u32(ByteArrayOutputStream out, int value) {
        int left = value;
        for (; left >= 0x80; left >>>= 7) {
            out.write(left & 0x7f | 0x80);
        }
        out.write(left);
    }
}
