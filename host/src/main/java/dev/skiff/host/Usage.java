package dev.skiff.host;

import java.time.Duration;

/**
 * What a workload uses of the machine.
 *
 * @param memoryBytes of its linear memories, now; 0 unless it runs
 * @param cpu the processor time that its thread has taken so far; after its end, until it was asked for last
 */
public record Usage(long memoryBytes, Duration cpu) {}
