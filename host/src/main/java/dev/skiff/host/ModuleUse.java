package dev.skiff.host;

import java.time.Duration;

/**
 * How often modules were asked for, and what that took.
 *
 * @param hits how often one was remembered
 * @param misses how often one was read and checked, or refused
 * @param found how often the code of one that was read was in the engine's code cache
 * @param loading how long those took in all; functions are translated later, when they are first called
 * @param remembered how many there are at the moment
 * @param forgotten how many were forgotten because somebody said so
 */
public record ModuleUse(long hits, long misses, long found, Duration loading, int remembered, long forgotten) {}
