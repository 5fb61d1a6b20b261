package dev.skiff.host;

/**
 * When a workload was made ready to run, by {@link System#nanoTime}.
 *
 * @param begun when its module began to be read
 * @param loaded when that was read and checked
 * @param ready when it was linked, and its sockets were open
 * @param remembered whether the module had been read before
 */
public record Preparation(long begun, long loaded, long ready, boolean remembered) {}
