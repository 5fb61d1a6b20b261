package dev.skiff.wasm.spec;

import java.util.List;

/** What a script accepts as a result. */
sealed interface Expected permits Constant, Expected.Either {
    /** Whether a boxed result of the engine is accepted. */
    boolean matches(Object actual);

    /** Any of several, where the specification leaves a choice. */
    record Either(List<Expected> values) implements Expected {
        @Override
        public boolean matches(Object actual) {
            return values.stream().anyMatch(value -> value.matches(actual));
        }
    }
}
