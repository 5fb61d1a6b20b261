/**
 * What guests may touch, denied by default: WASI 0.1 over the host's files, streams, sockets, clocks and random
 * numbers.
 *
 * <p>A {@link dev.skiff.wasi.WasiConfig} says what one guest gets; {@link dev.skiff.wasi.Wasi#attach} gives it to a
 * store; {@link dev.skiff.wasi.Preview1#addTo} offers the functions of {@code wasi_snapshot_preview1} to modules;
 * {@link dev.skiff.wasi.GuestSignals} brings signals to guests that know them. The guest's files are confined to the directories given: the kernel resolves their paths beneath them.
 */
package dev.skiff.wasi;
