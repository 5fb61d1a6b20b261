package dev.skiff.wasm.spec;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.MemoryKind;

/** The ways in which code accesses memories. */
enum SpecVariant {
    OFF_HEAP("off-heap", MemoryKind.OFF_HEAP, (1L << 31) - 1),
    OFF_HEAP_FAR("off-heap and large", MemoryKind.OFF_HEAP, 1L << 33),
    HEAP("in the heap", MemoryKind.HEAP, (1L << 31) - 1);

    private final String text;
    private final MemoryKind kind;
    /** Limit of the store, in bytes. */
    final long maxMemoryBytes;

    SpecVariant(String text, MemoryKind kind, long maxMemoryBytes) {
        this.text = text;
        this.kind = kind;
        this.maxMemoryBytes = maxMemoryBytes;
    }

    Engine engine() {
        return Engine.builder().memoryKind(kind).build();
    }

    @Override
    public String toString() {
        return text;
    }
}
