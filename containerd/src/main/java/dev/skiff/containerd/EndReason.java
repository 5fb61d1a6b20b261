package dev.skiff.containerd;

import dev.skiff.host.ExitStatus;
import dev.skiff.wasm.TrapCode;
import java.util.EnumSet;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Why a program ended, in words of which there are few.
 *
 * @param kind such as {@code exited}
 * @param trap which one, where the kind is {@code trap}; empty otherwise
 */
record EndReason(String kind, String trap) {
    private static final String TRAP = "trap";
    private static final String EXCEPTION = "exception";
    /** Traps that are known by another kind. */
    private static final EnumSet<TrapCode> KINDS_OF_THEIR_OWN =
            EnumSet.of(TrapCode.OUT_OF_MEMORY, TrapCode.OUT_OF_FUEL, TrapCode.DEADLINE_EXCEEDED, TrapCode.INTERRUPTED);

    static EndReason of(ExitStatus status) {
        return switch (status) {
            case ExitStatus.Exited _ -> of("exited");
            case ExitStatus.Trapped trapped ->
                new EndReason(TRAP, trapped.cause().map(EndReason::word).orElse(EXCEPTION));
            case ExitStatus.OutOfMemory _ -> of("out_of_memory");
            case ExitStatus.LimitReached _ -> of("limit");
            case ExitStatus.Signalled _ -> of("signal");
            case ExitStatus.NotRunnable _ -> of("not_runnable");
            case ExitStatus.NotFound _ -> of("not_found");
            case ExitStatus.HostFailed _ -> of("internal_error");
        };
    }

    private static EndReason of(String kind) {
        return new EndReason(kind, "");
    }

    private static String word(TrapCode code) {
        return code.name().toLowerCase(Locale.ROOT);
    }

    /** Those that are counted from the beginning, so that the first of them is seen as one more. */
    static Stream<EndReason> usual() {
        return Stream.concat(
                Stream.of("exited", "out_of_memory", "limit", "signal", "internal_error")
                        .map(EndReason::of),
                Stream.concat(
                                EnumSet.complementOf(KINDS_OF_THEIR_OWN).stream()
                                        .map(EndReason::word),
                                Stream.of(EXCEPTION))
                        .map(trap -> new EndReason(TRAP, trap)));
    }
}
