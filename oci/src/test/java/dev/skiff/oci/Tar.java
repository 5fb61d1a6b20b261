package dev.skiff.oci;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Writes tar archives by hand, so that they can be as wrong as a stranger's. */
final class Tar {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Tar dir(String name) {
        return entry(name + "/", '5', 0755, "", new byte[0]);
    }

    Tar dir(String name, int mode) {
        return entry(name + "/", '5', mode, "", new byte[0]);
    }

    Tar file(String name, String content) {
        return file(name, content, 0644);
    }

    Tar file(String name, String content, int mode) {
        return entry(name, '0', mode, "", utf8(content));
    }

    Tar symlink(String name, String target) {
        return entry(name, '2', 0777, target, new byte[0]);
    }

    Tar hardLink(String name, String target) {
        return entry(name, '1', 0644, target, new byte[0]);
    }

    Tar whiteout(String name) {
        return file(name, "");
    }

    Tar entry(String name, char type, int mode, String link, byte[] content) {
        byte[] header = header(name, type, mode, link, content.length);
        return sealed(header).raw(content).pad();
    }

    /** Extended headers for the next entry, or for all that follow: name, value, name, value. */
    Tar pax(char type, String... namesAndValues) {
        StringBuilder records = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            String rest = " " + namesAndValues[i] + "=" + namesAndValues[i + 1] + "\n";
            int length = utf8(rest).length;
            int total = length + Integer.toString(length).length();
            total = length + Integer.toString(total).length();
            records.append(total).append(rest);
        }
        return entry("pax", type, 0644, "", utf8(records.toString()));
    }

    Tar gnuLong(char type, String text) {
        return entry("././@LongLink", type, 0644, "", utf8(text + "\0"));
    }

    /** A header that is ready but for its checksum. */
    static byte[] header(String name, char type, int mode, String link, long size) {
        byte[] header = new byte[512];
        put(header, 0, utf8(name));
        octal(header, 100, 8, mode);
        octal(header, 108, 8, 1000);
        octal(header, 116, 8, 1000);
        octal(header, 124, 12, size);
        octal(header, 136, 12, 1_000_000_000);
        header[156] = (byte) type;
        put(header, 157, utf8(link));
        put(header, 257, utf8("ustar\00000"));
        return header;
    }

    /** Adds a header with the right checksum. */
    Tar sealed(byte[] header) {
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        octal(header, 148, 7, sum);
        return raw(header);
    }

    Tar raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    Tar pad() {
        return raw(new byte[(512 - out.size() % 512) % 512]);
    }

    /** The archive without its end. */
    byte[] unfinished() {
        return out.toByteArray();
    }

    /** The archive with its end. */
    byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(out.toByteArray());
        all.writeBytes(new byte[1024]);
        return all.toByteArray();
    }

    ImageLayer layer(String name) {
        return layer(name, bytes());
    }

    static ImageLayer layer(String name, byte[] bytes) {
        return layer(name, "application/vnd.oci.image.layer.v1.tar", bytes);
    }

    static ImageLayer layer(String name, String mediaType, byte[] bytes) {
        return new ImageLayer(name, mediaType, Optional.empty(), () -> new java.io.ByteArrayInputStream(bytes));
    }

    private static void put(byte[] header, int at, byte[] text) {
        System.arraycopy(text, 0, header, at, Math.min(text.length, 100));
    }

    static void octal(byte[] header, int at, int length, long number) {
        String digits = String.format(Locale.ROOT, "%0" + (length - 1) + "o", number);
        System.arraycopy(utf8(digits), 0, header, at, length - 1);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
