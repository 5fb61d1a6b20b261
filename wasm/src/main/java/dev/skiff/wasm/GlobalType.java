package dev.skiff.wasm;

/**
 * A global type (WebAssembly specification, section 2.3.14).
 *
 * @param value type of the value
 * @param mutable whether the value may change
 */
public record GlobalType(ValType value, boolean mutable) implements ExternType {
    @Override
    public String kind() {
        return "global";
    }

    @Override
    public String toString() {
        return mutable ? "global mut " + value : "global " + value;
    }
}
