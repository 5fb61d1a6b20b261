package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** Lists of types. */
final class Types {
    private Types() {}

    static List<Type> append(List<Type> types, Type last) {
        var all = new ArrayList<>(types);
        all.add(last);
        return List.copyOf(all);
    }

    static <T> List<T> join(List<T> first, List<T> second) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    static List<Type> prepend(Type first, List<Type> types) {
        var all = new ArrayList<Type>();
        all.add(first);
        all.addAll(types);
        return List.copyOf(all);
    }
}
