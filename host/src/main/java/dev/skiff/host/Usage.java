package dev.skiff.host;

import dev.skiff.wasm.CpuThrottling;
import java.time.Duration;

/**
 * What a workload uses of the machine.
 *
 * @param memoryBytes of its linear memories and tables, now; 0 unless it runs
 * @param cpu the processor time that its thread has taken so far; it never decreases
 * @param throttling how it was held back by its share of a processor
 */
public record Usage(long memoryBytes, Duration cpu, CpuThrottling throttling) {
    /** The usage of what was never held back. */
    public Usage(long memoryBytes, Duration cpu) {
        this(memoryBytes, cpu, CpuThrottling.NONE);
    }
}
