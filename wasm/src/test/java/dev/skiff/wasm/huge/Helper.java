package dev.skiff.wasm.huge;

import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.Signature;

/** Small functions that generated ones call; {@link Model} has the same in Java. */
enum Helper {
    /** Turns its parameters around, changing the first. */
    ROTATE("i32 i64 f32 f64 -> f64 i32 f32 i64"),
    /** Throws tag 0 if the low seven bits are 3, tag 1 if they are 5; else gives the argument plus one. */
    MAYBE_THROW("i32 -> i32"),
    /** A function of the host: gives the sum of its arguments. */
    HOST("i32 i64 -> i64"),
    /** Gives back a reference. */
    SAME("externref -> externref");

    private final FuncType type;

    Helper(String type) {
        this.type = Signature.of(type);
    }

    FuncType type() {
        return type;
    }
}
