package dev.skiff.wasm;

/** A value type (WebAssembly specification, section 2.3): a number type or a reference type. */
public sealed interface ValType permits NumType, RefType {}
