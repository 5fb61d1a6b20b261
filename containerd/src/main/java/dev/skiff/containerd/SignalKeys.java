package dev.skiff.containerd;

import dev.skiff.linux.Terminals.Settings;
import dev.skiff.wasi.Signals;
import java.util.OptionalInt;

/**
 * Finds the keys that make signals in what is typed at a terminal. The kernel knows them too, and drops what was typed and shown before them;
 * but it signals processes, which guests are not. Belongs to the thread that reads.
 */
final class SignalKeys {
    private boolean literal;

    /**
     * Looks at the next character.
     *
     * @param character 0 to 255
     * @param settings of the terminal
     * @return the number of the signal that it makes, if it makes one
     */
    OptionalInt signal(int character, Settings settings) {
        boolean quoted = literal;
        literal = false;
        if (quoted || character == 0) {
            return OptionalInt.empty();
        }
        if (settings.has(Settings.SIGNALS)) {
            if (character == settings.keys().get(Settings.INTERRUPT)) {
                return OptionalInt.of(Signals.INTERRUPT);
            }
            if (character == settings.keys().get(Settings.QUIT)) {
                return OptionalInt.of(Signals.QUIT);
            }
        }
        literal = settings.has(Settings.LINES | Settings.EXTENSIONS)
                && character == settings.keys().get(Settings.LITERAL);
        return OptionalInt.empty();
    }
}
