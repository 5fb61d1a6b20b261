package dev.skiff.wasm.internal.runtime;

/** What generated code and instances need of their module. Thread-safe. */
public interface ModuleCode extends FunctionSource {
    /** Number of functions, imported ones included. */
    int functionCount();

    /** Number of data segments. */
    int dataCount();

    /** Number of element segments. */
    int elementCount();

    /** The binary, which data segments are ranges of. */
    byte[] binary();

    /** Where a data segment's bytes start in the binary. */
    int dataStart(int index);

    /** How many bytes a data segment has. */
    int dataLength(int index);

    /** The values of an element segment for an instance; functions among them may be unbound. Not to be changed. */
    Object[] elementValues(int index, GuestInstance instance);
}
