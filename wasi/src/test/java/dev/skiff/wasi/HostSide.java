package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.NativeMemory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** What happens on this side while a guest waits. */
final class HostSide {
    private HostSide() {}

    /** Writes to a descriptor that has room for it. */
    static void write(int descriptor, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long at = NativeMemory.allocate(bytes.length);
        NativeMemory.write(bytes, 0, bytes.length, at);
        Descriptors.write(descriptor, at, bytes.length);
        NativeMemory.free(at);
    }

    /** Does something after what lets the guest come to its wait, most of the time. */
    static Thread later(Runnable action) {
        return after(Duration.ofMillis(100), action);
    }

    /** Does something after a while. */
    static Thread after(Duration delay, Runnable action) {
        return Thread.ofPlatform().start(() -> {
            LockSupport.parkNanos(delay.toNanos());
            action.run();
        });
    }
}
