package dev.skiff.wasm.internal.compile;

/**
 * What generated code is made for.
 *
 * @param offHeap whether memories are outside the heap
 * @param metered whether it counts fuel; it always notices stops
 * @param methodSize about how many bytes of JVM code a method may have before it is split
 */
public record CodeOptions(boolean offHeap, boolean metered, int methodSize) {
    /** HotSpot does not compile methods of more than 8,000 bytes; sizes are estimates. */
    public static final int METHOD_SIZE = 6_600;

    /** These options with another size of methods. */
    CodeOptions withMethodSize(int size) {
        return new CodeOptions(offHeap, metered, size);
    }

    /** A short text that tells one from another. */
    public String text() {
        return (offHeap ? "off-heap" : "heap")
                + (metered ? "-metered" : "")
                + (methodSize == METHOD_SIZE ? "" : "-" + methodSize);
    }
}
