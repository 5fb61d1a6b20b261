package dev.skiff.host;

import java.nio.charset.StandardCharsets;

/** What a file seems to be, told from its first bytes, so that a wrong file is refused with words that help. */
public enum FileKind {
    MODULE("a WebAssembly module"),
    COMPONENT("a WebAssembly component"),
    UNKNOWN_WASM("WebAssembly of a version that Skiff does not know"),
    CUT_OFF_WASM("the beginning of a WebAssembly module, cut off within its header"),
    MODULE_TEXT("a module in the WebAssembly text format"),
    COMPONENT_TEXT("a component in the WebAssembly text format"),
    EMPTY("empty"),
    ELF("a Linux program or library (ELF)"),
    MACH_O("a macOS program or library (Mach-O)"),
    WINDOWS("a Windows program or library (PE)"),
    JAVA_CLASS("a Java class file"),
    ARCHIVE("a static library (ar archive)"),
    LLVM_BITCODE("LLVM bitcode"),
    GZIP("gzip-compressed data; unpack it first (gzip -d)"),
    ZSTD("zstd-compressed data; unpack it first (zstd -d)"),
    XZ("xz-compressed data; unpack it first (xz -d)"),
    BZIP2("bzip2-compressed data; unpack it first (bzip2 -d)"),
    ZIP("a zip archive"),
    TAR("a tar archive"),
    SCRIPT("a script"),
    HTML("an HTML page, perhaps a download that went wrong"),
    GIT_LFS("a Git LFS pointer; fetch the file itself (git lfs pull)"),
    JSON("JSON text"),
    TEXT("text"),
    UNKNOWN("data of an unknown kind");

    private static final int LOOK_AT = 512;

    private final String text;

    FileKind(String text) {
        this.text = text;
    }

    /** A phrase for people that completes "it is ...". */
    public String text() {
        return text;
    }

    /** Tells the kind of a file's contents. */
    public static FileKind of(byte[] bytes) {
        if (bytes.length >= 8 && startsWith(bytes, 0, 0, 'a', 's', 'm')) {
            return ofWasmVersion(bytes);
        }
        if (bytes.length == 0) {
            return EMPTY;
        }
        if (bytes.length < 8 && isPrefixOfHeader(bytes)) {
            return CUT_OFF_WASM;
        }
        return ofOther(bytes);
    }

    private static FileKind ofWasmVersion(byte[] bytes) {
        if (startsWith(bytes, 4, 1, 0, 0, 0)) {
            return MODULE;
        }
        return bytes[6] == 1 && bytes[7] == 0 ? COMPONENT : UNKNOWN_WASM;
    }

    private static boolean isPrefixOfHeader(byte[] bytes) {
        byte[] header = {0, 'a', 's', 'm', 1, 0, 0, 0};
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != header[i]) {
                return false;
            }
        }
        return true;
    }

    private static FileKind ofOther(byte[] bytes) {
        if (startsWith(bytes, 0, 0x7f, 'E', 'L', 'F')) {
            return ELF;
        }
        if (startsWith(bytes, 0, 0x1f, 0x8b)) {
            return GZIP;
        }
        if (startsWith(bytes, 0, 0x28, 0xb5, 0x2f, 0xfd)) {
            return ZSTD;
        }
        if (startsWith(bytes, 0, 0xfd, '7', 'z', 'X', 'Z')) {
            return XZ;
        }
        if (startsWith(bytes, 0, 'B', 'Z', 'h')) {
            return BZIP2;
        }
        if (startsWith(bytes, 0, 'P', 'K', 3, 4)) {
            return ZIP;
        }
        if (startsWith(bytes, 257, 'u', 's', 't', 'a', 'r')) {
            return TAR;
        }
        if (startsWith(bytes, 0, 'M', 'Z')) {
            return WINDOWS;
        }
        if (startsWith(bytes, 0, 0xcf, 0xfa, 0xed, 0xfe) || startsWith(bytes, 0, 0xfe, 0xed, 0xfa, 0xcf)) {
            return MACH_O;
        }
        if (startsWith(bytes, 0, 0xca, 0xfe, 0xba, 0xbe)) {
            return JAVA_CLASS;
        }
        if (startsWith(bytes, 0, 'B', 'C', 0xc0, 0xde)) {
            return LLVM_BITCODE;
        }
        return ofText(bytes);
    }

    private static FileKind ofText(byte[] bytes) {
        String start = new String(bytes, 0, Math.min(bytes.length, LOOK_AT), StandardCharsets.UTF_8);
        if (start.startsWith("!<arch>\n")) {
            return ARCHIVE;
        }
        if (!isText(start)) {
            return UNKNOWN;
        }
        if (start.startsWith("#!")) {
            return SCRIPT;
        }
        if (start.startsWith("version https://git-lfs")) {
            return GIT_LFS;
        }
        String code = skipTextComments(new String(bytes, 0, Math.min(bytes.length, 1 << 16), StandardCharsets.UTF_8));
        if (code.startsWith("(component")) {
            return COMPONENT_TEXT;
        }
        if (code.startsWith("(")) {
            return MODULE_TEXT;
        }
        if (code.regionMatches(true, 0, "<!doctype html", 0, 14) || code.regionMatches(true, 0, "<html", 0, 5)) {
            return HTML;
        }
        return code.startsWith("{") ? JSON : TEXT;
    }

    /** The text after white space and the comments of the WebAssembly text format. */
    private static String skipTextComments(String text) {
        int at = 0;
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == '\uFEFF') {
                at++;
            } else if (text.startsWith(";;", at)) {
                at = after(text, "\n", at);
            } else if (text.startsWith("(;", at)) {
                at = after(text, ";)", at);
            } else {
                break;
            }
        }
        return text.substring(at);
    }

    private static int after(String text, String end, int from) {
        int at = text.indexOf(end, from);
        return at < 0 ? text.length() : at + end.length();
    }

    private static boolean isText(String start) {
        for (int i = 0; i < start.length(); i++) {
            char c = start.charAt(i);
            // The last character may be half a code point: the look at the bytes ended there.
            if (c < ' ' && !Character.isWhitespace(c) || c == '\uFFFD' && i < start.length() - 2) {
                return false;
            }
        }
        return true;
    }

    private static boolean startsWith(byte[] bytes, int offset, int... expected) {
        if (bytes.length < offset + expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if ((bytes[offset + i] & 0xff) != expected[i]) {
                return false;
            }
        }
        return true;
    }
}
