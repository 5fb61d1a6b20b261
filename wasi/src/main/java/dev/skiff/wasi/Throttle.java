package dev.skiff.wasi;

import dev.skiff.wasm.Limits;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Lets a guest read and write so many bytes in a second and make so many calls for it, and wait for its turn where it wants more. What
 * it could have had and did not want it has for a tenth of a second. For the guest's thread.
 */
final class Throttle {
    private static final double BURST_SECONDS = 0.1;
    private static final long MOST_BYTES = 16 << 20;
    private static final long LEAST_BYTES = 4_096;

    private final Optional<Allowance> bytes;
    private final Optional<Allowance> operations;
    private final boolean limited;
    private final long mostBytes;

    Throttle(Limits limits) {
        bytes = allowance(limits.ioBytesPerSecond());
        operations = allowance(limits.ioOperationsPerSecond());
        limited = bytes.isPresent() || operations.isPresent();
        mostBytes = Math.clamp(limits.ioBytesPerSecond().orElse(MOST_BYTES), LEAST_BYTES, MOST_BYTES);
    }

    private static Optional<Allowance> allowance(OptionalLong perSecond) {
        return perSecond.isPresent()
                ? Optional.of(new Allowance(perSecond.getAsLong(), System.nanoTime()))
                : Optional.empty();
    }

    /** How many bytes a call may move: those of a second, but no less than a small block. */
    long mostBytes() {
        return mostBytes;
    }

    /**
     * Waits until another call is allowed, whatever signals there are.
     *
     * @throws dev.skiff.wasm.Trap if the guest ends first
     */
    void admit(Waiter waiter) {
        if (!limited) {
            return;
        }
        operations.ifPresent(allowance -> {
            waiter.rest(allowance.nanosInDebt(System.nanoTime()));
            allowance.take(1);
        });
        bytes.ifPresent(allowance -> waiter.rest(allowance.nanosInDebt(System.nanoTime())));
    }

    /** A call has moved so many bytes, for which the next one waits. */
    void charge(long moved) {
        if (limited) {
            bytes.ifPresent(allowance -> allowance.take(moved));
        }
    }

    /** So much in a second; what is taken ahead is a debt. */
    static final class Allowance {
        private final double perNano;
        private final double most;
        private double left;
        private long last;

        /** One without debts at a time, as of {@link System#nanoTime}. */
        Allowance(long perSecond, long now) {
            last = now;
            perNano = perSecond / 1e9;
            most = perSecond * BURST_SECONDS;
            left = most;
        }

        /** How long it takes until there is no debt any more; 0 or less if there is none. */
        long nanosInDebt(long now) {
            left = Math.min(most, left + (now - last) * perNano);
            last = now;
            return (long) Math.ceil(-left / perNano);
        }

        void take(long amount) {
            left -= amount;
        }
    }
}
