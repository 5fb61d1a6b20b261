/**
 * The {@code skiff} command: reads arguments, calls the other modules and words what happened.
 *
 * <p>What lies on the way of {@code skiff run} is kept lean, because starting quickly is a feature: arguments are read by
 * {@link dev.skiff.cli.Arguments}; picocli, which takes the same description of a command, is loaded for help and
 * completion scripts only.
 */
package dev.skiff.cli;
