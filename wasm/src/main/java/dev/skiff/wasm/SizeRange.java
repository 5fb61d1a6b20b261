package dev.skiff.wasm;

import java.util.OptionalLong;

/**
 * The limits of a table or memory type (WebAssembly specification, section 2.3.11), in elements or pages.
 *
 * @param min the size at the start
 * @param max the size that it may grow to, if the type declares one
 */
public record SizeRange(long min, OptionalLong max) {
    /** Whether something of the size {@code actual}, declared with {@code declaredMax}, can stand in for this type. */
    boolean accepts(long actual, OptionalLong declaredMax) {
        return actual >= min
                && (max.isEmpty() || (declaredMax.isPresent() && declaredMax.getAsLong() <= max.getAsLong()));
    }

    @Override
    public String toString() {
        return max.isPresent() ? min + ".." + max.getAsLong() : min + "..";
    }
}
