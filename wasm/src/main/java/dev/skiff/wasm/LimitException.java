package dev.skiff.wasm;

/**
 * An instance would exceed a limit of its store before it runs, such as the number of instances or its first memory; or the
 * machine or the JVM has no room for it; or a function that is called for the first time is larger than the JVM can load
 * (docs/engine.md says what that takes).
 */
public final class LimitException extends WasmError {
    private static final long serialVersionUID = 1L;

    private final Limit limit;

    /** What there is too little of. */
    public enum Limit {
        /** {@link Limits#maxMemoryBytes}. */
        MEMORY,
        /** {@link Limits#maxTableElements}. */
        TABLE_ELEMENTS,
        /** {@link Limits#maxInstances}. */
        INSTANCES,
        /** What a memory of {@link MemoryKind#HEAP} can be at most: off the heap it can be larger. */
        HEAP_MEMORY,
        /** Address space or mappings that the system gives to a process. */
        SYSTEM_MEMORY,
        /** What the JVM can load as one function. */
        FUNCTION_SIZE
    }

    /** Creates the error for a function that the JVM cannot load, with a sentence that names it. */
    public LimitException(String message) {
        this(Limit.FUNCTION_SIZE, message);
    }

    /** Creates the error with a sentence that names what was asked for, how much, and what there is. */
    public LimitException(Limit limit, String message) {
        super(message, null, true);
        this.limit = limit;
    }

    /** What there is too little of. */
    public Limit limit() {
        return limit;
    }
}
