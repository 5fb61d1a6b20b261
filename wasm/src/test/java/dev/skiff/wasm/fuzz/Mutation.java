package dev.skiff.wasm.fuzz;

import java.util.Arrays;

/** Small changes to a module that often leave it valid: within the code of a function lengths stay as they are. */
final class Mutation {
    private static final int HEADER = 8;
    /** Bytes that mean something at many places: types, opcodes, small numbers. */
    private static final int[] TELLING = {
        0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x1A, 0x1B, 0x1F, 0x20, 0x21, 0x22,
        0x23, 0x28, 0x36, 0x40, 0x41, 0x45, 0x6A, 0x69, 0x6F, 0x70, 0x7C, 0x7D, 0x7E, 0x7F, 0x80, 0xFC, 0xFF
    };

    private Mutation() {}

    static byte[] apply(byte[] module, Rng rng) {
        if (module.length <= HEADER + 1) {
            return module;
        }
        int at = rng.between(HEADER, module.length - 1);
        byte[] changed = module.clone();
        switch (rng.weighted(4, 6, 4, 2, 1, 1, 1)) {
            case 0 -> changed[at] ^= (byte) (1 << rng.below(8));
            case 1 -> changed[at] = (byte) TELLING[rng.below(TELLING.length)];
            case 2 -> changed[at] += (byte) (rng.chance(0.5) ? 1 : -1);
            case 3 -> {
                int count = Math.min(rng.between(1, 8), module.length - at);
                System.arraycopy(module, rng.between(HEADER, module.length - count), changed, at, count);
            }
            case 4 -> changed = Arrays.copyOf(module, at);
            case 5 -> {
                changed = Arrays.copyOf(module, module.length - 1);
                System.arraycopy(module, at + 1, changed, at, module.length - at - 1);
            }
            default -> {
                changed = Arrays.copyOf(module, module.length + 1);
                System.arraycopy(module, at, changed, at + 1, module.length - at);
            }
        }
        return changed;
    }
}
