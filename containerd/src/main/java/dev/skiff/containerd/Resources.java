package dev.skiff.containerd;

import com.google.gson.JsonObject;
import dev.skiff.containerd.RpcException.Code;
import dev.skiff.wasm.Limits;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a container may use of the machine (OCI runtime specification, {@code linux.resources}).
 *
 * @param memory bytes; negative for no limit, and empty where nothing is said
 * @param cpus how many processors, with fractions; negative for no limit, and empty where nothing is said
 * @param shares weight among all that wants a processor, empty where nothing is said
 * @param processes how many processes; negative for no limit, and empty where nothing is said
 */
record Resources(OptionalLong memory, OptionalDouble cpus, OptionalInt shares, OptionalLong processes) {
    private static final long DEFAULT_PERIOD_MICROS = 100_000;

    /** What some write for no limit is more than an engine can promise: 1 TiB. */
    private static final long MAX_MEMORY = 1L << 40;

    /** From here on code is slower; less than this is what memories may grow to without being asked for it at first. */
    private static final long NEAR_MEMORY = (1L << 31) - (1L << 16);

    private static final long ALL_MEMORY = 1L << 32;

    /**
     * Reads what {@code UpdateTaskRequest} says of them.
     *
     * @param any a {@code google.protobuf.Any} with JSON
     * @throws RpcException if it is something else
     */
    static Resources read(ProtoMessage any) {
        try {
            return Json.read(any.bytes(2), Resources::parse);
        } catch (IllegalArgumentException e) {
            throw new RpcException(Code.INVALID_ARGUMENT, "the limits cannot be read: " + e.getMessage(), e);
        }
    }

    /** Reads those that are in a document; throws what is no such thing there. */
    static Resources parse(JsonObject json) {
        JsonObject cpu = Json.object(json, "cpu");
        long period = Json.number(cpu, "period").filter(micros -> micros > 0).orElse(DEFAULT_PERIOD_MICROS);
        // 0 is as good as nothing, for the kubelet.
        Optional<Long> quota = Json.number(cpu, "quota").filter(micros -> micros != 0);
        Optional<Long> memory =
                Json.number(Json.object(json, "memory"), "limit").filter(bytes -> bytes != 0);
        Optional<Long> shares = Json.number(cpu, "shares").filter(weight -> weight != 0);
        Optional<Long> processes =
                Json.number(Json.object(json, "pids"), "limit").filter(count -> count != 0);
        return new Resources(
                memory.isPresent() ? OptionalLong.of(memory.get()) : OptionalLong.empty(),
                quota.isPresent() ? OptionalDouble.of((double) quota.get() / period) : OptionalDouble.empty(),
                shares.isPresent() ? OptionalInt.of(shares(shares.get())) : OptionalInt.empty(),
                processes.isPresent() ? OptionalLong.of(processes.get()) : OptionalLong.empty());
    }

    /** As the kernel does, which takes what is out of range for its end. */
    private static int shares(long weight) {
        return Math.clamp(weight, Limits.MIN_CPU_SHARES, Limits.MAX_CPU_SHARES);
    }

    /** Limits for a container that is made, which can be changed while it runs. */
    Limits initial() {
        Limits limits = applyTo(Limits.DEFAULT);
        long ceiling = limits.maxMemoryBytes() <= NEAR_MEMORY ? NEAR_MEMORY : ALL_MEMORY;
        return limits.withMemoryCeilingBytes(Math.max(ceiling, limits.maxMemoryBytes()));
    }

    /**
     * Limits with what is said here. A program has one thread, so a processor or more is no limit.
     *
     * @throws RpcException if that cannot be
     */
    Limits applyTo(Limits limits) {
        Limits all = limits;
        if (memory.isPresent()) {
            long most = limits.memoryCeilingBytes().orElse(MAX_MEMORY);
            long bytes = memory.getAsLong() < 0 ? Math.min(Limits.DEFAULT.maxMemoryBytes(), most) : memory.getAsLong();
            if (limits.memoryCeilingBytes().isPresent() && bytes > most) {
                throw new RpcException(
                        Code.INVALID_ARGUMENT,
                        "a program that runs can have " + most + " bytes of memory at most, and not " + bytes
                                + "; for more, its container must be made anew");
            }
            all = all.withMaxMemoryBytes(Math.min(bytes, most));
        }
        if (cpus.isPresent()) {
            double share = cpus.getAsDouble();
            all = all.withCpuQuota(share < 0 || share >= 1 ? OptionalDouble.empty() : OptionalDouble.of(share));
        }
        if (shares.isPresent()) {
            all = all.withCpuShares(shares.getAsInt());
        }
        return all;
    }
}
