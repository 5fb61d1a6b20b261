package dev.skiff.wasm;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What the guests of one {@link Store} may use. Immutable; every limit has a safe default ({@link #DEFAULT}).
 *
 * @param maxMemoryBytes bytes of linear memory over all memories of the store; {@code memory.grow} past it returns -1.
 *     Default 1 GiB
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
 * @param maxOpenFiles files, directories and sockets that guests of the store may have open. Default 1,024
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
        int maxOpenFiles) {

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
            1_024);

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
        require(maxOpenFiles >= 0, "maxOpenFiles must not be negative");
    }

    /** These limits with another total of linear memory, in bytes. */
    public Limits withMaxMemoryBytes(long bytes) {
        return new Limits(
                bytes,
                memoryCeilingBytes,
                maxTableElements,
                maxInstances,
                stackBytes,
                fuel,
                timeout,
                cpuQuota,
                maxOpenFiles);
    }

    /** These limits with a total of linear memory, in bytes, to which it may be raised later. */
    public Limits withMemoryCeilingBytes(long bytes) {
        return new Limits(
                maxMemoryBytes,
                OptionalLong.of(bytes),
                maxTableElements,
                maxInstances,
                stackBytes,
                fuel,
                timeout,
                cpuQuota,
                maxOpenFiles);
    }

    /** These limits with another total of table elements. */
    public Limits withMaxTableElements(long elements) {
        return new Limits(
                maxMemoryBytes,
                memoryCeilingBytes,
                elements,
                maxInstances,
                stackBytes,
                fuel,
                timeout,
                cpuQuota,
                maxOpenFiles);
    }

    /** These limits with another number of instances. */
    public Limits withMaxInstances(int instances) {
        return new Limits(
                maxMemoryBytes,
                memoryCeilingBytes,
                maxTableElements,
                instances,
                stackBytes,
                fuel,
                timeout,
                cpuQuota,
                maxOpenFiles);
    }

    /** These limits with another stack size, in bytes. */
    public Limits withStackBytes(long bytes) {
        return new Limits(
                maxMemoryBytes,
                memoryCeilingBytes,
                maxTableElements,
                maxInstances,
                bytes,
                fuel,
                timeout,
                cpuQuota,
                maxOpenFiles);
    }

    /** These limits with a fuel limit, in units of about an instruction. */
    public Limits withFuel(long units) {
        return new Limits(
                maxMemoryBytes,
                memoryCeilingBytes,
                maxTableElements,
                maxInstances,
                stackBytes,
                OptionalLong.of(units),
                timeout,
                cpuQuota,
                maxOpenFiles);
    }

    /** These limits with a time limit, counted from the creation of the store. */
    public Limits withTimeout(Duration duration) {
        return new Limits(
                maxMemoryBytes,
                memoryCeilingBytes,
                maxTableElements,
                maxInstances,
                stackBytes,
                fuel,
                Optional.of(duration),
                cpuQuota,
                maxOpenFiles);
    }

    /** These limits with a share of one processor, over 0 and up to 1. */
    public Limits withCpuQuota(double share) {
        return withCpuQuota(OptionalDouble.of(share));
    }

    /** These limits with a share of one processor, over 0 and up to 1, or without a limit of it. */
    public Limits withCpuQuota(OptionalDouble share) {
        return new Limits(
                maxMemoryBytes,
                memoryCeilingBytes,
                maxTableElements,
                maxInstances,
                stackBytes,
                fuel,
                timeout,
                share,
                maxOpenFiles);
    }

    /** These limits with another number of open files. */
    public Limits withMaxOpenFiles(int files) {
        return new Limits(
                maxMemoryBytes,
                memoryCeilingBytes,
                maxTableElements,
                maxInstances,
                stackBytes,
                fuel,
                timeout,
                cpuQuota,
                files);
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
