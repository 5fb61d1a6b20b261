package dev.skiff.wasm;

/** The type of something that a module imports or exports (WebAssembly specification, section 2.3.16). */
public sealed interface ExternType permits FuncType, TableType, MemoryType, GlobalType, TagType {
    /** The kind's name in the text format: func, table, memory, global or tag. */
    String kind();
}
