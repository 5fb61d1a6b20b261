package dev.skiff.wasm.fuzz;

import java.util.List;

/** What follows an opcode. */
sealed interface Immediate {
    /** A signed number in LEB128. */
    record Int(long value) implements Immediate {}

    /** A float, as its bits. */
    record F32(int bits) implements Immediate {}

    /** A double, as its bits. */
    record F64(long bits) implements Immediate {}

    /** One byte, such as a type. */
    record Byte(int value, String text) implements Immediate {}

    /** The index of an entity. */
    record Index(Entity entity) implements Immediate {}

    /** The index of a function type. */
    record TypeIndex(Signature signature) implements Immediate {}

    /** The depth of a label. */
    record Label(Frame target) implements Immediate {}

    /** A vector of labels, then the default. */
    record Labels(List<Frame> targets, Frame otherwise) implements Immediate {}

    /** Types of a typed select. */
    record Types(List<Type> types) implements Immediate {}

    /** Alignment as a power of two, offset as an unsigned number, and the memory. */
    record Address(int align, long offset, Entity.Memory memory) implements Immediate {}
}
