package dev.skiff.wasm;

/**
 * A table type (WebAssembly specification, section 2.3.13).
 *
 * @param element type of the elements
 * @param size size range in elements
 */
public record TableType(RefType element, SizeRange size) implements ExternType {
    @Override
    public String kind() {
        return "table";
    }

    @Override
    public String toString() {
        return "table " + size + " " + element;
    }
}
