package dev.skiff.linux;

import java.nio.charset.StandardCharsets;

/** Native memory for tests, with an array of one buffer that covers it. */
final class Buffer implements AutoCloseable {
    final long address;
    final long vectors;
    final int size;

    Buffer(int size) {
        this.size = size;
        address = NativeMemory.allocate(size + 16L);
        vectors = address + size;
        NativeMemory.clear(address, size);
        NativeMemory.putLong(vectors, address);
        NativeMemory.putLong(vectors + 8, size);
    }

    static Buffer of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int padded = bytes.length + 7 & -8;
        Buffer b = new Buffer(padded);
        NativeMemory.write(bytes, 0, bytes.length, b.address);
        NativeMemory.putLong(b.vectors + 8, bytes.length);
        return b;
    }

    String text(long length) {
        return text(0, length);
    }

    String text(int offset, long length) {
        byte[] bytes = new byte[(int) length];
        NativeMemory.read(address + offset, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        NativeMemory.free(address);
    }
}
