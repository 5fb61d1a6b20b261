package dev.skiff.host;

import dev.skiff.wasi.WasiExit;
import dev.skiff.wasi.WasiSetupException;
import dev.skiff.wasi.WasiSignalled;
import dev.skiff.wasm.LimitException;
import dev.skiff.wasm.LimitException.Limit;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.LinkException;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.WasmException;
import java.util.List;
import java.util.Optional;

/** Tells from what a guest's call threw how the guest ended. */
final class Endings {
    private Endings() {}

    /**
     * How a guest ended.
     *
     * @param thrown what its call threw
     * @param limits its limits
     * @param refusedGrows how often they kept its memory from growing
     */
    static ExitStatus of(Throwable thrown, Limits limits, long refusedGrows) {
        if (thrown instanceof WasiExit exit) {
            return new ExitStatus.Exited(exit.code());
        }
        return switch (thrown) {
            case Trap trap -> ofTrap(trap, limits, refusedGrows);
            case WasiSignalled end -> new ExitStatus.Signalled(end.signal());
            case WasmException e -> new ExitStatus.Trapped(Optional.empty(), e.getMessage(), List.of());
            case WasiSetupException e -> new ExitStatus.NotRunnable(e.getMessage());
            case LinkException e -> new ExitStatus.NotRunnable(e.getMessage());
            case LimitException e -> ofLimit(e);
            case OutOfMemoryError e ->
                new ExitStatus.OutOfMemory(Optional.empty(), "the heap of the Java runtime is full", List.of());
            default -> new ExitStatus.HostFailed(thrown.toString(), thrown);
        };
    }

    private static ExitStatus ofLimit(LimitException e) {
        return switch (e.limit()) {
            case MEMORY, HEAP_MEMORY, SYSTEM_MEMORY ->
                new ExitStatus.OutOfMemory(Optional.of(e.limit()), e.getMessage(), List.of());
            case TABLE_ELEMENTS, INSTANCES, FUNCTION_SIZE -> new ExitStatus.NotRunnable(e.getMessage());
        };
    }

    private static ExitStatus ofTrap(Trap trap, Limits limits, long refusedGrows) {
        return switch (trap.code()) {
            case OUT_OF_MEMORY -> new ExitStatus.OutOfMemory(Optional.empty(), trap.getMessage(), trap.backtrace());
            case UNREACHABLE ->
                refusedGrows > 0
                        ? new ExitStatus.OutOfMemory(Optional.of(Limit.MEMORY), gaveUp(limits), trap.backtrace())
                        : trapped(trap);
            case OUT_OF_FUEL ->
                new ExitStatus.LimitReached(
                        "its fuel of " + limits.fuel().orElse(0) + " units is used up", trap.backtrace());
            case DEADLINE_EXCEEDED -> new ExitStatus.LimitReached(timeUp(limits), trap.backtrace());
            default -> trapped(trap);
        };
    }

    private static ExitStatus trapped(Trap trap) {
        return new ExitStatus.Trapped(Optional.of(trap.code()), trap.getMessage(), trap.backtrace());
    }

    /** Compilers end a program that gets no memory with the instruction unreachable: abort, a panic. */
    private static String gaveUp(Limits limits) {
        return "its memory could not grow beyond the limit of " + limits.maxMemoryBytes()
                + " bytes, and it gave up (unreachable)";
    }

    private static String timeUp(Limits limits) {
        return limits.timeout()
                .map(timeout -> "its time of " + timeout.toMillis() + " ms is up")
                .orElse("its time is up");
    }
}
