package dev.skiff.wasm.huge;

import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.ValType;
import java.util.List;
import java.util.OptionalInt;

/** An instruction of a generated function, with those that it encloses. */
sealed interface Node {
    /** Pushes a boxed number, or null for a null externref. */
    record Const(ValType type, Object value) implements Node {}

    record Num(Numeric numeric) implements Node {}

    record Get(int local) implements Node {}

    record Set(int local) implements Node {}

    record Tee(int local) implements Node {}

    record GlobalGet(int global) implements Node {}

    record GlobalSet(int global) implements Node {}

    record Drop() implements Node {}

    record Select(ValType type) implements Node {}

    record IsNull() implements Node {}

    /** Loads a number; the address is within the memory. */
    record Load(ValType type, int offset) implements Node {}

    /** Stores a number; the address is within the memory. */
    record Store(ValType type, int offset) implements Node {}

    record Unreachable() implements Node {}

    record Br(int label) implements Node {}

    record BrIf(int label) implements Node {}

    /** The last label is the default. */
    record BrTable(List<Integer> labels) implements Node {}

    record Return() implements Node {}

    /** Calls one of {@link Helper}, directly or through the table. */
    record CallHelper(Helper helper, boolean indirect) implements Node {}

    /** Calls the generated function itself; or leaves it by a tail call. */
    record CallSelf(boolean tail) implements Node {}

    /** Throws an exception with a payload from the stack: tag 0 carries i32 and i64, tag 1 nothing. */
    record Throw(int tag) implements Node {}

    record ThrowRef() implements Node {}

    record Block(FuncType type, List<Node> body) implements Node {}

    record Loop(FuncType type, List<Node> body) implements Node {}

    record If(FuncType type, List<Node> then, List<Node> otherwise) implements Node {}

    record TryTable(FuncType type, List<Clause> clauses, List<Node> body) implements Node {}

    /** A clause of {@code try_table}; the label counts from outside it. */
    record Clause(OptionalInt tag, boolean ref, int label) {}
}
