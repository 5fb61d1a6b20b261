/**
 * Measures Skiff and its peers in the same run and prints the table of figures.
 *
 * <p>Every peer is measured in processes of its own through a driver; all drivers take the same commands (see {@code
 * bench/drivers/README.md}). {@link dev.skiff.bench.Main} starts them and compares; {@link dev.skiff.bench.JvmDriver} is
 * the driver of the engines that run on the JVM, Skiff among them.
 */
package dev.skiff.bench;
