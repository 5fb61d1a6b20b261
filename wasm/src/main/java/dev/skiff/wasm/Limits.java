package dev.skiff.wasm;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * What the guests of one {@link Store} may use. Immutable; every limit has a safe default ({@link #DEFAULT}).
 *
 * @param maxMemoryBytes bytes of all linear memories and tables of the store, 8 for each element of a table; {@code
 *     memory.grow} and {@code table.grow} past it return -1. Default 1 GiB
 * @param memoryCeilingBytes how far {@link Store#changeMaxMemoryBytes} may raise that; without a value it may not. Each
 *     memory reserves addresses for so much, and nothing else. With 2 GiB or more, guests that compute on addresses run
 *     about a tenth slower. Default none
 * @param maxTableElements elements over all tables of the store; {@code table.grow} past it returns -1. Default 1,000,000
 * @param maxInstances instances in the store. Default 1,000
 * @param stackBytes stack of a thread made by {@link Store#runOnGuestThread}, which bounds the call depth; 64 KiB to
 *     1 GiB. Default 1 MiB. A call made on another thread is bounded by that thread's stack. Either way a recursion that
 *     is too deep is the trap {@link TrapCode#CALL_STACK_EXHAUSTED}
 * @param fuel units that guests may consume, about one for each instruction; without a value they are not counted
 *     against a limit. Default none
 * @param timeout time from the creation of the store after which its guests end with {@link TrapCode#DEADLINE_EXCEEDED}.
 *     Default none
 * @param cpuQuota share of one processor that guests may use, over 0 and up to 1; a guest over it is parked, not ended.
 *     Default none
 * @param cpuShares weight of a guest's thread ({@link Store#runOnGuestThread}) where more wants to run than there are
 *     processors; 2 to 262,144, as of cgroups. It is relative to 1,024 for all threads that nothing is said of, in steps of a
 *     quarter, and no more than about nine times more or less, for the JVM sometimes waits for all threads together. Weights
 *     above 1,024, and any that becomes more later, need a right (CAP_SYS_NICE) and count for nothing without it. Default 1,024
 * @param maxOpenFiles files, directories and sockets that guests of the store may have open. Default 1,024
 * @param ioBytesPerSecond bytes that guests of the store may read and write in a second, of files, streams and sockets
 *     together, 1 and more; a guest that moved more waits before the next call. Default none
 * @param ioOperationsPerSecond calls in a second that read, write, look for or change something of files, streams and
 *     sockets, 1 and more; a guest over it waits. Default none
 */
public record Limits(
        long maxMemoryBytes,
        OptionalLong memoryCeilingBytes,
        long maxTableElements,
        int maxInstances,
        long stackBytes,
        OptionalLong fuel,
        Optional<Duration> timeout,
        OptionalDouble cpuQuota,
        int cpuShares,
        int maxOpenFiles,
        OptionalLong ioBytesPerSecond,
        OptionalLong ioOperationsPerSecond) {

    /** The smallest weight. */
    public static final int MIN_CPU_SHARES = 2;

    /** The largest weight. */
    public static final int MAX_CPU_SHARES = 262_144;

    /** The safe defaults. */
    public static final Limits DEFAULT = new Limits(
            1L << 30,
            OptionalLong.empty(),
            1_000_000,
            1_000,
            1L << 20,
            OptionalLong.empty(),
            Optional.empty(),
            OptionalDouble.empty(),
            1_024,
            1_024,
            OptionalLong.empty(),
            OptionalLong.empty());

    /** Checks the ranges; throws {@link IllegalArgumentException} naming the limit that is out of range. */
    public Limits {
        require(maxMemoryBytes >= 0 && maxMemoryBytes <= 1L << 40, "maxMemoryBytes must be 0 to 1 TiB");
        require(
                memoryCeilingBytes.isEmpty()
                        || (memoryCeilingBytes.getAsLong() >= maxMemoryBytes
                                && memoryCeilingBytes.getAsLong() <= 1L << 40),
                "memoryCeilingBytes must be maxMemoryBytes to 1 TiB");
        require(
                maxTableElements >= 0 && maxTableElements <= Integer.MAX_VALUE - 8,
                "maxTableElements must be 0 to 2^31-9");
        require(maxInstances >= 0, "maxInstances must not be negative");
        require(stackBytes >= 1L << 16 && stackBytes <= 1L << 30, "stackBytes must be 64 KiB to 1 GiB");
        require(fuel.orElse(0) >= 0, "fuel must not be negative");
        require(timeout.isEmpty() || !timeout.get().isNegative(), "timeout must not be negative");
        require(
                cpuQuota.isEmpty() || (cpuQuota.getAsDouble() > 0 && cpuQuota.getAsDouble() <= 1),
                "cpuQuota must be over 0 and up to 1");
        require(
                cpuShares >= MIN_CPU_SHARES && cpuShares <= MAX_CPU_SHARES,
                "cpuShares must be " + MIN_CPU_SHARES + " to " + MAX_CPU_SHARES);
        require(maxOpenFiles >= 0, "maxOpenFiles must not be negative");
        require(ioBytesPerSecond.orElse(1) > 0, "ioBytesPerSecond must be over 0");
        require(ioOperationsPerSecond.orElse(1) > 0, "ioOperationsPerSecond must be over 0");
    }

    /** These limits with another total of memory, in bytes. */
    public Limits withMaxMemoryBytes(long bytes) {
        return with(draft -> draft.maxMemoryBytes = bytes);
    }

    /** These limits with a total of memory, in bytes, to which it may be raised later. */
    public Limits withMemoryCeilingBytes(long bytes) {
        return with(draft -> draft.memoryCeilingBytes = OptionalLong.of(bytes));
    }

    /** These limits with another total of table elements. */
    public Limits withMaxTableElements(long elements) {
        return with(draft -> draft.maxTableElements = elements);
    }

    /** These limits with another number of instances. */
    public Limits withMaxInstances(int instances) {
        return with(draft -> draft.maxInstances = instances);
    }

    /** These limits with another stack size, in bytes. */
    public Limits withStackBytes(long bytes) {
        return with(draft -> draft.stackBytes = bytes);
    }

    /** These limits with a fuel limit, in units of about an instruction. */
    public Limits withFuel(long units) {
        return with(draft -> draft.fuel = OptionalLong.of(units));
    }

    /** These limits with a time limit, counted from the creation of the store. */
    public Limits withTimeout(Duration duration) {
        return with(draft -> draft.timeout = Optional.of(duration));
    }

    /** These limits with a share of one processor, over 0 and up to 1. */
    public Limits withCpuQuota(double share) {
        return withCpuQuota(OptionalDouble.of(share));
    }

    /** These limits with a share of one processor, over 0 and up to 1, or without a limit of it. */
    public Limits withCpuQuota(OptionalDouble share) {
        return with(draft -> draft.cpuQuota = share);
    }

    /** These limits with another weight among all that wants to run, {@value #MIN_CPU_SHARES} to {@value #MAX_CPU_SHARES}. */
    public Limits withCpuShares(int shares) {
        return with(draft -> draft.cpuShares = shares);
    }

    /** These limits with another number of open files. */
    public Limits withMaxOpenFiles(int files) {
        return with(draft -> draft.maxOpenFiles = files);
    }

    /** These limits with a number of bytes that may be read and written in a second. */
    public Limits withIoBytesPerSecond(long bytes) {
        return with(draft -> draft.ioBytesPerSecond = OptionalLong.of(bytes));
    }

    /** These limits with a number of calls in a second that read, write, look for or change something. */
    public Limits withIoOperationsPerSecond(long operations) {
        return with(draft -> draft.ioOperationsPerSecond = OptionalLong.of(operations));
    }

    private Limits with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** Limits that are being changed, a field for each component. */
    private static final class Draft {
        long maxMemoryBytes;
        OptionalLong memoryCeilingBytes;
        long maxTableElements;
        int maxInstances;
        long stackBytes;
        OptionalLong fuel;
        Optional<Duration> timeout;
        OptionalDouble cpuQuota;
        int cpuShares;
        int maxOpenFiles;
        OptionalLong ioBytesPerSecond;
        OptionalLong ioOperationsPerSecond;

        Draft(Limits from) {
            maxMemoryBytes = from.maxMemoryBytes;
            memoryCeilingBytes = from.memoryCeilingBytes;
            maxTableElements = from.maxTableElements;
            maxInstances = from.maxInstances;
            stackBytes = from.stackBytes;
            fuel = from.fuel;
            timeout = from.timeout;
            cpuQuota = from.cpuQuota;
            cpuShares = from.cpuShares;
            maxOpenFiles = from.maxOpenFiles;
            ioBytesPerSecond = from.ioBytesPerSecond;
            ioOperationsPerSecond = from.ioOperationsPerSecond;
        }

        Limits finish() {
            return new Limits(
                    maxMemoryBytes,
                    memoryCeilingBytes,
                    maxTableElements,
                    maxInstances,
                    stackBytes,
                    fuel,
                    timeout,
                    cpuQuota,
                    cpuShares,
                    maxOpenFiles,
                    ioBytesPerSecond,
                    ioOperationsPerSecond);
        }
    }

    /** The most that {@link #maxMemoryBytes} can ever be. */
    public long mostMemoryBytes() {
        return memoryCeilingBytes.orElse(maxMemoryBytes);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
