package dev.skiff.wasm;

/**
 * What a module offers.
 *
 * @param name the name, unique in the module
 * @param type what it is
 */
public record ExportType(String name, ExternType type) {
    @Override
    public String toString() {
        return name + ": " + type;
    }
}
