package dev.skiff.wasm;

/**
 * A memory type (WebAssembly specification, section 2.3.12).
 *
 * @param size size range in pages of 64 KiB
 */
public record MemoryType(SizeRange size) implements ExternType {
    /** Bytes in a page. */
    public static final int PAGE_SIZE = 65_536;

    @Override
    public String kind() {
        return "memory";
    }

    @Override
    public String toString() {
        return "memory " + size + " pages";
    }
}
