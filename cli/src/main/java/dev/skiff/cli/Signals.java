package dev.skiff.cli;

import java.util.function.IntConsumer;

/** How a command hears that it should stop. */
interface Signals {
    /** Calls an action, on a thread of its own, with the number of each signal that asks the process to stop. */
    void onStop(IntConsumer action);

    /** No signal ever comes. */
    static Signals none() {
        return action -> {};
    }
}
