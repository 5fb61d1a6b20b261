package dev.skiff.wasm.fuzz;

import java.util.List;

/**
 * A plain instruction.
 *
 * @param name in the text format
 * @param opcode one byte, or prefix 0xFC and the sub-opcode as {@code 0xFC00 | sub}
 * @param immediates what follows the opcode
 */
record Op(String name, int opcode, List<Immediate> immediates, List<Type> pops, List<Type> pushes, boolean diverts)
        implements Node {

    static Op plain(String name, int opcode, List<Type> pops, List<Type> pushes) {
        return new Op(name, opcode, List.of(), pops, pushes, false);
    }

    static Op with(String name, int opcode, Immediate immediate, List<Type> pops, List<Type> pushes) {
        return new Op(name, opcode, List.of(immediate), pops, pushes, false);
    }
}
