package dev.skiff.wasi;

import dev.skiff.wasm.Store;
import java.time.Duration;
import java.util.Optional;

/** How long a guest may go on: what a call that waits must know of the guest's store. */
interface Lifetime {
    /**
     * Ends the guest if it is interrupted or its time is up.
     *
     * @throws dev.skiff.wasm.Trap that says which
     */
    void checkpoint();

    /** Time until the guest ends, if that is known. */
    Optional<Duration> timeLeft();

    /** Registers what ends a wait; runs at once if the guest is interrupted already. The answer unregisters it. */
    Store.Registration onInterrupt(Runnable action);

    /** The lifetime of the guests of a store. */
    static Lifetime of(Store store) {
        return new Lifetime() {
            @Override
            public void checkpoint() {
                store.checkpoint();
            }

            @Override
            public Optional<Duration> timeLeft() {
                return store.timeLeft();
            }

            @Override
            public Store.Registration onInterrupt(Runnable action) {
                return store.onInterrupt(action);
            }
        };
    }
}
