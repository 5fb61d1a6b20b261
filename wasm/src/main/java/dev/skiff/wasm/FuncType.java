package dev.skiff.wasm;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A function type (WebAssembly specification, section 2.3.8).
 *
 * @param params types of the parameters, in order; at most 1,000
 * @param results types of the results, in order; at most 1,000
 */
public record FuncType(List<ValType> params, List<ValType> results) implements ExternType {
    /** Copies the lists. */
    public FuncType {
        params = List.copyOf(params);
        results = List.copyOf(results);
    }

    // Written out, as those of a record are made when the program runs (docs/decisions/0007).
    @Override
    public boolean equals(Object other) {
        return other instanceof FuncType that && params.equals(that.params) && results.equals(that.results);
    }

    @Override
    public int hashCode() {
        return 31 * params.hashCode() + results.hashCode();
    }

    @Override
    public String kind() {
        return "func";
    }

    /** As in the text format: {@code (i32, i64) -> (f32)}. */
    @Override
    public String toString() {
        return list(params) + " -> " + list(results);
    }

    private static String list(List<ValType> types) {
        return types.stream().map(Object::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
