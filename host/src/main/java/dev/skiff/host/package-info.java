/**
 * A workload's life on this machine, independent of who asked for it: {@link dev.skiff.host.Workload} says what to run
 * and with what; {@link dev.skiff.host.Runner#prepare} reads, checks and links it;
 * {@link dev.skiff.host.Execution} starts it, stops it and ends with an {@link dev.skiff.host.ExitStatus}.
 */
package dev.skiff.host;
