package dev.skiff.containerd;

import dev.skiff.linux.NativeMemory;

/**
 * Bytes where the kernel can read them, until it is closed.
 *
 * @param address of the first
 */
record NativeBytes(long address) implements AutoCloseable {
    static NativeBytes of(byte[] bytes) {
        long address = NativeMemory.allocate(Math.max(bytes.length, 1));
        NativeMemory.write(bytes, 0, bytes.length, address);
        return new NativeBytes(address);
    }

    @Override
    public void close() {
        NativeMemory.free(address);
    }
}
