package dev.skiff.wasm;

/**
 * A tag type (WebAssembly specification, section 2.3.15): what an exception carries.
 *
 * @param signature the payload as the parameters of a function type without results
 */
public record TagType(FuncType signature) implements ExternType {
    @Override
    public String kind() {
        return "tag";
    }

    @Override
    public String toString() {
        return "tag " + signature.params();
    }
}
