package dev.skiff.host;

import dev.skiff.wasi.WasiExit;
import dev.skiff.wasi.WasiSetupException;
import dev.skiff.wasm.LimitException;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.WasmException;
import java.util.List;
import java.util.Optional;

/** Tells from what a guest's call threw how the guest ended. */
final class Endings {
    private Endings() {}

    static ExitStatus of(Throwable thrown, Limits limits) {
        if (thrown instanceof WasiExit exit) {
            return new ExitStatus.Exited(exit.code());
        }
        return switch (thrown) {
            case Trap trap -> ofTrap(trap, limits);
            case WasmException e -> new ExitStatus.Trapped(Optional.empty(), e.getMessage(), List.of());
            case WasiSetupException e -> new ExitStatus.NotRunnable(e.getMessage());
            case LimitException e -> new ExitStatus.OutOfMemory(e.getMessage());
            case OutOfMemoryError e -> new ExitStatus.OutOfMemory("the heap of the Java runtime is full");
            default -> new ExitStatus.HostFailed(thrown.toString(), thrown);
        };
    }

    private static ExitStatus ofTrap(Trap trap, Limits limits) {
        return switch (trap.code()) {
            case OUT_OF_MEMORY -> new ExitStatus.OutOfMemory(trap.getMessage());
            case OUT_OF_FUEL ->
                new ExitStatus.LimitReached(
                        "its fuel of " + limits.fuel().orElse(0) + " units is used up", trap.backtrace());
            case DEADLINE_EXCEEDED -> new ExitStatus.LimitReached(timeUp(limits), trap.backtrace());
            default -> new ExitStatus.Trapped(Optional.of(trap.code()), trap.getMessage(), trap.backtrace());
        };
    }

    private static String timeUp(Limits limits) {
        return limits.timeout()
                .map(timeout -> "its time of " + timeout.toMillis() + " ms is up")
                .orElse("its time is up");
    }
}
