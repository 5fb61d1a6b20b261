package dev.skiff.wasm.fuzz;

import java.util.List;

/** Types of parameters and results, of a function or a block. */
record Signature(List<Type> params, List<Type> results) {
    static final Signature NONE = new Signature(List.of(), List.of());

    Signature {
        params = List.copyOf(params);
        results = List.copyOf(results);
    }

    /** Whether JavaScript and other hosts can call a function of this type: exception references cannot pass. */
    boolean isPublic() {
        return !params.contains(Type.EXNREF) && !results.contains(Type.EXNREF);
    }

    @Override
    public String toString() {
        return params + " -> " + results;
    }
}
