package dev.skiff.wasm;

/** The ways in which code accesses memories: their kind, and whether the store lets them have 2 GiB or more. */
public enum MemoryVariant {
    OFF_HEAP("off-heap", MemoryKind.OFF_HEAP, (1L << 31) - 1),
    OFF_HEAP_FAR("off-heap and large", MemoryKind.OFF_HEAP, 1L << 33),
    HEAP("in the heap", MemoryKind.HEAP, (1L << 31) - 1);

    private final String text;
    private final MemoryKind kind;
    private final long maxMemoryBytes;

    MemoryVariant(String text, MemoryKind kind, long maxMemoryBytes) {
        this.text = text;
        this.kind = kind;
        this.maxMemoryBytes = maxMemoryBytes;
    }

    public MemoryKind kind() {
        return kind;
    }

    /** Limits with as much memory. */
    public Limits limits(Limits others) {
        return others.withMaxMemoryBytes(maxMemoryBytes);
    }

    @Override
    public String toString() {
        return text;
    }
}
