package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.linux.Terminals.Settings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignalKeysTest {
    private static final int USUAL = Settings.SIGNALS | Settings.LINES | Settings.EXTENSIONS;

    /** Those that a list of characters makes, where a is INTR, b is QUIT and c is LNEXT. */
    private static List<Integer> signals(int flags, String typed) {
        List<Integer> keys = new ArrayList<>(Collections.nCopies(19, 0));
        keys.set(Settings.INTERRUPT, (int) 'a');
        keys.set(Settings.QUIT, (int) 'b');
        keys.set(Settings.LITERAL, (int) 'c');
        SignalKeys found = new SignalKeys();
        List<Integer> signals = new ArrayList<>();
        typed.chars()
                .forEach(character ->
                        found.signal(character, new Settings(flags, keys)).ifPresent(signals::add));
        return signals;
    }

    @Test
    void theKeysOfTheTerminalMakeSignals() {
        assertThat(signals(USUAL, "xaxxb")).containsExactly(2, 3);
        assertThat(signals(USUAL, "\u0003\u001c")).isEmpty();
    }

    @Test
    void aKeyAfterTheLiteralOneIsACharacter() {
        assertThat(signals(USUAL, "caa")).containsExactly(2);
        assertThat(signals(USUAL, "cca")).containsExactly(2);
        assertThat(signals(USUAL, "cccb")).isEmpty();
    }

    @Test
    void theLiteralKeyCountsOnlyInLines() {
        assertThat(signals(Settings.SIGNALS, "ca")).containsExactly(2);
        assertThat(signals(Settings.SIGNALS | Settings.LINES, "ca")).containsExactly(2);
    }

    @Test
    void withoutSignalsThereAreNone() {
        assertThat(signals(USUAL & ~Settings.SIGNALS, "ab")).isEmpty();
    }

    @Test
    void aKeyThatIsSwitchedOffIsNotTyped() {
        Settings none = new Settings(USUAL, Collections.nCopies(19, 0));
        assertThat(new SignalKeys().signal(0, none)).isEmpty();
    }
}
