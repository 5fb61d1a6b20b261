package dev.skiff.host;

import java.time.Duration;

/**
 * How often modules were asked for, and what that took.
 *
 * @param hits how often one was remembered
 * @param misses how often one was read and checked, or refused
 * @param loading how long those took in all; functions are translated later, when they are first called
 */
public record ModuleUse(long hits, long misses, Duration loading) {}
