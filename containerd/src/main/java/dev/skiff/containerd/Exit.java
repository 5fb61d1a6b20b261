package dev.skiff.containerd;

import java.time.Instant;

/**
 * How a process ended, as containerd knows it.
 *
 * @param status 0 to 255
 * @param at when
 */
record Exit(int status, Instant at) {}
