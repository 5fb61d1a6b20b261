package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void lettersOfAllScriptsStay() {
        assertThat(Printable.of("naïve 関数 🚤 a_b-c")).isEqualTo("naïve 関数 🚤 a_b-c");
    }

    @Test
    void whatMovesTheCursorOrTurnsTheTextIsEscaped() {
        assertThat(Printable.of("a\u001b[2Jb\rc\nd\u202ee")).isEqualTo("a\\u{1b}[2Jb\\u{d}c\\u{a}d\\u{202e}e");
    }

    @Test
    void linesStayLines() {
        assertThat(Printable.lines("a\u0007\nb")).isEqualTo("a\\u{7}\nb");
    }
}
