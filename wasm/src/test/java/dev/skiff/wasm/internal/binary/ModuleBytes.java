package dev.skiff.wasm.internal.binary;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes modules by hand, section by section. */
final class ModuleBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ModuleBytes() {
        out.writeBytes(bytes(0x00, 'a', 's', 'm', 1, 0, 0, 0));
    }

    /** A section with these bytes as its contents. */
    ModuleBytes section(int id, byte[]... parts) {
        byte[] contents = join(parts);
        out.write(id);
        out.writeBytes(u32(contents.length));
        out.writeBytes(contents);
        return this;
    }

    /** A custom section. */
    ModuleBytes custom(String name, byte[]... parts) {
        return section(0, name(name), join(parts));
    }

    /** Type 0 is {@code (i32) -> (i32)}, and there is one function of it with this body, whose end is added. */
    static ModuleBytes oneFunction(int... instructions) {
        return new ModuleBytes()
                .section(1, bytes(1, 0x60, 1, 0x7F, 1, 0x7F))
                .section(3, bytes(1, 0))
                .section(10, bytes(1), body(bytes(0), bytes(instructions)));
    }

    /** An entry of the code section: its size, the declaration of locals, the instructions and an end. */
    static byte[] body(byte[] locals, byte[] instructions) {
        byte[] contents = join(locals, instructions, bytes(0x0B));
        return join(u32(contents.length), contents);
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    static byte[] name(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return join(u32(bytes.length), bytes);
    }

    static byte[] u32(int value) {
        ByteArrayOutputStream leb = new ByteArrayOutputStream();
        int rest = value;
        while (rest >>> 7 != 0) {
            leb.write(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        leb.write(rest);
        return leb.toByteArray();
    }

    static byte[] repeat(byte[] part, int times) {
        byte[] all = new byte[part.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(part, 0, all, i * part.length, part.length);
        }
        return all;
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
