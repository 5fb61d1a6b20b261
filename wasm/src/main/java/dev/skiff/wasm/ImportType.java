package dev.skiff.wasm;

/**
 * What a module needs from outside.
 *
 * @param module first part of the name
 * @param name second part of the name
 * @param type what it must be
 */
public record ImportType(String module, String name, ExternType type) {
    @Override
    public String toString() {
        return module + "." + name + ": " + type;
    }
}
