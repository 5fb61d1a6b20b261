package dev.skiff.wasm;

/** Something that an instance exports or a linker offers. Belongs to a store: one thread at a time. */
public sealed interface Extern permits Func, Table, Memory, Global, Tag {
    /** Its type; for memories and tables with the current size as the minimum. */
    ExternType type();
}
