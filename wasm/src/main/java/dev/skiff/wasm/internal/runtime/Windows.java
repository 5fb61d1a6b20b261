package dev.skiff.wasm.internal.runtime;

import java.util.IdentityHashMap;
import java.util.Map;

/** The windows that a store's memories hold, so that they are freed when the store is closed or forgotten. */
final class Windows {
    private final Map<Window, MemoryImage> held = new IdentityHashMap<>();

    /** Frees what is held once {@code owner} is unreachable. */
    Windows(Control owner) {
        Map<Window, MemoryImage> windows = held;
        Housekeeping.CLEANER.register(owner, () -> windows.forEach((window, image) -> image.abandon(window)));
    }

    void add(MemoryImage image, Window window) {
        held.put(window, image);
    }

    void remove(Window window) {
        held.remove(window);
    }
}
