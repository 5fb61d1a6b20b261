package dev.skiff.host;

import dev.skiff.oci.Digest;
import java.util.Optional;

/**
 * When a workload was made ready to run, by {@link System#nanoTime}.
 *
 * @param begun when its module began to be read
 * @param loaded when that was read and checked
 * @param ready when it was linked, and its sockets were open
 * @param remembered whether the module had been read before
 * @param module the digest of its bytes, if the runner remembers modules
 */
public record Preparation(long begun, long loaded, long ready, boolean remembered, Optional<Digest> module) {}
