package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainTextTest {
    @Test
    void lettersOfAllScriptsStay() {
        assertThat(PlainText.of("naïve 関数 🚤 a_b-c")).isEqualTo("naïve 関数 🚤 a_b-c");
    }

    @Test
    void whatMovesTheCursorOrTurnsTheTextIsEscaped() {
        assertThat(PlainText.of("a\u001b[2Jb\rc\nd\u202ee")).isEqualTo("a\\u{1b}[2Jb\\u{d}c\\u{a}d\\u{202e}e");
    }

    @Test
    void linesStayLines() {
        assertThat(PlainText.lines("a\u0007\nb")).isEqualTo("a\\u{7}\nb");
    }
}
