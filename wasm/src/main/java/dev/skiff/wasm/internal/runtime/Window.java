package dev.skiff.wasm.internal.runtime;

/**
 * Addresses reserved for an off-heap memory.
 *
 * @param address of the first byte
 * @param length in bytes
 */
record Window(long address, long length) {}
