package dev.skiff.wasm;

import java.util.Arrays;
import java.util.List;

/** Function types written as text, such as {@code "i32 i64 -> f32"}; a missing arrow means no results. */
public final class Signature {
    private Signature() {}

    /** The function type that the text says. */
    public static FuncType of(String text) {
        String[] sides = text.split("->", -1);
        return new FuncType(types(sides[0]), sides.length > 1 ? types(sides[1]) : List.of());
    }

    private static List<ValType> types(String text) {
        return Arrays.stream(text.strip().split(" +"))
                .filter(name -> !name.isEmpty())
                .map(Signature::type)
                .toList();
    }

    /** The value type of a name. */
    public static ValType type(String name) {
        return switch (name) {
            case "i32" -> NumType.I32;
            case "i64" -> NumType.I64;
            case "f32" -> NumType.F32;
            case "f64" -> NumType.F64;
            case "funcref" -> RefType.FUNCREF;
            case "externref" -> RefType.EXTERNREF;
            case "exnref" -> RefType.EXNREF;
            default -> throw new IllegalArgumentException("no value type: " + name);
        };
    }
}
