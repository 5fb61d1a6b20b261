package dev.skiff.wasm.internal.compile;

/**
 * What generated code is made for.
 *
 * @param offHeap whether memories are outside the heap
 * @param metered whether it counts fuel; it always notices stops
 * @param far whether the first memory may have 2 GiB or more
 * @param methodSize about how many bytes of JVM code a method may have before it is split
 */
public record CodeOptions(boolean offHeap, boolean metered, boolean far, int methodSize) {
    /** HotSpot does not compile methods of more than 8,000 bytes; sizes are estimates. */
    public static final int METHOD_SIZE = 6_600;

    /** These options with another size of methods. */
    CodeOptions withMethodSize(int size) {
        return new CodeOptions(offHeap, metered, far, size);
    }

    /** A short text that tells one from another. */
    public String text() {
        return (offHeap ? "off-heap" : "heap")
                + (metered ? "-metered" : "")
                + (far ? "-far" : "")
                + (methodSize == METHOD_SIZE ? "" : "-" + methodSize);
    }
}
