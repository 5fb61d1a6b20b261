package dev.skiff.wasm;

/** Where an engine keeps linear memories. Guests cannot tell the difference. */
public enum MemoryKind {
    /** Outside the Java heap, mapped copy-on-write from an image of the module's data: fast to make, cheap while idle. */
    OFF_HEAP,
    /** In a byte array: for platforms without mmap, and where the JVM's own bounds checks are wanted as a second wall. */
    HEAP
}
