package dev.skiff.wasm;

/** Features of WebAssembly that a module can need beyond the first version. */
public enum Feature {
    MUTABLE_GLOBALS("mutable globals in imports and exports", true),
    SIGN_EXTENSION("sign-extension instructions", true),
    SATURATING_CONVERSION("saturating float-to-int conversions", true),
    MULTI_VALUE("multiple results", true),
    BULK_MEMORY("bulk memory instructions", true),
    REFERENCE_TYPES("reference types", true),
    EXTENDED_CONST("extended constant expressions", true),
    TAIL_CALLS("tail calls", true),
    MULTI_MEMORY("multiple memories", true),
    EXCEPTIONS("exception handling", true),
    LEGACY_EXCEPTIONS("the old exception handling proposal", false),
    SIMD("vector instructions", false),
    RELAXED_SIMD("relaxed vector instructions", false),
    TYPED_FUNCTION_REFERENCES("typed function references", false),
    GC("garbage collection", false),
    THREADS("threads", false),
    MEMORY64("64-bit memories", false),
    CUSTOM_PAGE_SIZES("custom page sizes", false),
    WIDE_ARITHMETIC("wide arithmetic", false),
    STACK_SWITCHING("stack switching", false),
    COMPONENT_MODEL("the Component Model", false);

    private final String text;
    private final boolean supported;

    Feature(String text, boolean supported) {
        this.text = text;
        this.supported = supported;
    }

    /** Whether this engine runs modules that need it. */
    public boolean supported() {
        return supported;
    }

    /** The feature's name for people. */
    @Override
    public String toString() {
        return text;
    }
}
