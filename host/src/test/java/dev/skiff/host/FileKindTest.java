package dev.skiff.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileKindTest {
    @ParameterizedTest
    @CsvSource({
        "0061736d01000000, MODULE",
        "0061736d0d000100, COMPONENT",
        "0061736d0a000100, COMPONENT",
        "0061736d02000000, UNKNOWN_WASM",
        "0061736d, CUT_OFF_WASM",
        "00, CUT_OFF_WASM",
        "7f454c4602010100, ELF",
        "1f8b0808, GZIP",
        "28b52ffd00, ZSTD",
        "fd377a585a00, XZ",
        "425a6839, BZIP2",
        "504b0304, ZIP",
        "4d5a9000, WINDOWS",
        "cffaedfe07, MACH_O",
        "cafebabe00000041, JAVA_CLASS",
        "4243c0de, LLVM_BITCODE",
        "0001020304050607, UNKNOWN"
    })
    void filesAreToldByTheirFirstBytes(String hex, FileKind kind) {
        assertThat(FileKind.of(HexFormat.of().parseHex(hex))).isEqualTo(kind);
    }

    @Test
    void textIsToldByItsBeginning() {
        assertThat(ofText("")).isEqualTo(FileKind.EMPTY);
        assertThat(ofText("(module)")).isEqualTo(FileKind.MODULE_TEXT);
        assertThat(ofText("  ;; a comment\n(; another ;) (module (func))")).isEqualTo(FileKind.MODULE_TEXT);
        assertThat(ofText("(component)")).isEqualTo(FileKind.COMPONENT_TEXT);
        assertThat(ofText("#!/bin/sh\necho")).isEqualTo(FileKind.SCRIPT);
        assertThat(ofText("!<arch>\nx")).isEqualTo(FileKind.ARCHIVE);
        assertThat(ofText("<!DOCTYPE html><html>")).isEqualTo(FileKind.HTML);
        assertThat(ofText("{\"a\": 1}")).isEqualTo(FileKind.JSON);
        assertThat(ofText("version https://git-lfs.github.com/spec/v1\n")).isEqualTo(FileKind.GIT_LFS);
        assertThat(ofText("Grüße\n")).isEqualTo(FileKind.TEXT);
    }

    @Test
    void aTarArchiveIsToldByItsFirstHeader() {
        byte[] tar = new byte[512];
        byte[] magic = "ustar".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(magic, 0, tar, 257, magic.length);

        assertThat(FileKind.of(tar)).isEqualTo(FileKind.TAR);
    }

    @Test
    void textThatTheLookCutsWithinALetterIsText() {
        assertThat(ofText("a" + "ß".repeat(400))).isEqualTo(FileKind.TEXT);
    }

    private static FileKind ofText(String text) {
        return FileKind.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
