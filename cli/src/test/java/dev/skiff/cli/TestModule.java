package dev.skiff.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Writes small modules for tests. Types and bodies are hexadecimal, with spaces where they help. */
final class TestModule {
    private final List<byte[]> types = new ArrayList<>();
    private final List<byte[]> imports = new ArrayList<>();
    private final List<byte[]> functions = new ArrayList<>();
    private final List<byte[]> tables = new ArrayList<>();
    private final List<byte[]> memories = new ArrayList<>();
    private final List<byte[]> exports = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();

    /** A command whose {@code _start} has a body. */
    static byte[] command(String body) {
        return new TestModule().function("_start", "00 00", body).bytes();
    }

    /** A command that copies its input to its output. */
    static byte[] cat() {
        String buffer = "41 00 41 10 36 02 00 41 04 41 80 08 36 02 00";
        String read = "41 00 41 00 41 01 41 08 10 00 0d 01";
        String untilTheEnd = "41 08 28 02 00 45 0d 01";
        String write = "41 04 41 08 28 02 00 36 02 00 41 01 41 00 41 01 41 08 10 01 1a";
        return new TestModule()
                .importing("wasi_snapshot_preview1", "fd_read", "04 7f 7f 7f 7f 01 7f")
                .importing("wasi_snapshot_preview1", "fd_write", "04 7f 7f 7f 7f 01 7f")
                .memory(1)
                .function("_start", "00 00", "02 40 03 40" + buffer + read + untilTheEnd + write + "0c 00 0b 0b")
                .bytes();
    }

    /** A command that accepts one connection on its first socket, descriptor 3, and sends {@code hi}. */
    static byte[] greeter() {
        String text = "41 10 41 e8 d2 01 3b 01 00 41 08 41 10 36 02 00 41 0c 41 02 36 02 00";
        String accept = "41 03 41 00 41 00 10 00 1a";
        String send = "41 00 28 02 00 41 08 41 01 41 00 41 18 10 01 1a";
        return new TestModule()
                .importing("wasi_snapshot_preview1", "sock_accept", "03 7f 7f 7f 01 7f")
                .importing("wasi_snapshot_preview1", "sock_send", "05 7f 7f 7f 7f 7f 01 7f")
                .memory(1)
                .function("_start", "00 00", text + accept + send)
                .bytes();
    }

    /** Imports a function; the type is {@code count params count results}. */
    TestModule importing(String module, String name, String type) {
        imports.add(join(name(module), name(name), new byte[] {0}, number(types.size())));
        types.add(join(hex("60"), hex(type)));
        return this;
    }

    /** Defines and exports a function without locals; the body is without its end. */
    TestModule function(String name, String type, String body) {
        byte[] code = join(hex("00"), hex(body), hex("0b"));
        exports.add(join(name(name), new byte[] {0}, number(imports.size() + functions.size())));
        functions.add(number(types.size()));
        types.add(join(hex("60"), hex(type)));
        bodies.add(join(number(code.length), code));
        return this;
    }

    /** Defines a table of functions. */
    TestModule table(int elements) {
        tables.add(join(hex("70 00"), number(elements)));
        return this;
    }

    /** Defines and exports a memory. */
    TestModule memory(int pages) {
        memories.add(join(hex("00"), number(pages)));
        exports.add(join(name("memory"), hex("02 00")));
        return this;
    }

    byte[] bytes() {
        return join(
                hex("00 61 73 6d 01 00 00 00"),
                section(1, types),
                section(2, imports),
                section(3, functions),
                section(4, tables),
                section(5, memories),
                section(7, exports),
                section(10, bodies));
    }

    private static byte[] section(int id, List<byte[]> entries) {
        if (entries.isEmpty()) {
            return new byte[0];
        }
        byte[] contents = join(number(entries.size()), join(entries.toArray(byte[][]::new)));
        return join(new byte[] {(byte) id}, number(contents.length), contents);
    }

    private static byte[] name(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return join(number(utf8.length), utf8);
    }

    /** An unsigned LEB128 number. */
    private static byte[] number(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        while (rest >= 0x80) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        return out.toByteArray();
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
