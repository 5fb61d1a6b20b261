package dev.skiff.containerd;

/**
 * Where containerd wants a process's standard streams.
 *
 * @param in as the others, a path or an address; empty for none
 * @param terminal whether they are those of a terminal
 */
record Streams(String in, String out, String err, boolean terminal) {}
