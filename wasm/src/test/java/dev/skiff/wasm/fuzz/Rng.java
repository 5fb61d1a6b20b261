package dev.skiff.wasm.fuzz;

import java.util.List;
import java.util.SplittableRandom;

/** A source of decisions; the same seed gives the same decisions on every JVM. */
final class Rng {
    private static final int[] EDGES_32 = {
        0,
        1,
        -1,
        2,
        7,
        31,
        32,
        33,
        63,
        64,
        255,
        256,
        0x7F,
        0x80,
        -0x80,
        0x7FFF,
        0x8000,
        0xFFFF,
        0x1_0000,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Integer.MIN_VALUE + 1,
        0x5555_5555,
        0xAAAA_AAAA
    };
    private static final long[] EDGES_64 = {
        0,
        1,
        -1,
        63,
        64,
        65,
        0x7FFF_FFFFL,
        0x8000_0000L,
        0xFFFF_FFFFL,
        0x1_0000_0000L,
        -0x8000_0000L,
        -0x8000_0001L,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        0x0020_0000_0000_0001L,
        0x7FFF_FFFF_FFFF_FC00L
    };
    private static final int[] EDGES_F32 = {
        0x0000_0000, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_0000,
        0x7F80_0001, 0x7FA0_0000, 0xFFFF_FFFF, 0x0000_0001, 0x8000_0001, 0x007F_FFFF, 0x0080_0000, 0x7F7F_FFFF,
        0x4F00_0000, 0xCF00_0000, 0x4F80_0000, 0x5F00_0000, 0xDF00_0000, 0x5F80_0000, 0x4EFF_FFFF, 0xCF00_0001,
        0x3F00_0000, 0xBF00_0000, 0x4020_0000, 0x3EFF_FFFF, 0x4B00_0001
    };
    private static final long[] EDGES_F64 = {
        0x0000_0000_0000_0000L, 0x8000_0000_0000_0000L, 0x3FF0_0000_0000_0000L, 0xBFF0_0000_0000_0000L,
        0x7FF0_0000_0000_0000L, 0xFFF0_0000_0000_0000L, 0x7FF8_0000_0000_0000L, 0xFFF8_0000_0000_0000L,
        0x7FF0_0000_0000_0001L, 0x7FF4_0000_0000_0000L, 0xFFFF_FFFF_FFFF_FFFFL, 0x0000_0000_0000_0001L,
        0x800F_FFFF_FFFF_FFFFL, 0x0010_0000_0000_0000L, 0x7FEF_FFFF_FFFF_FFFFL, 0x41DF_FFFF_FFC0_0000L,
        0x41E0_0000_0000_0000L, 0xC1E0_0000_0020_0000L, 0x41EF_FFFF_FFF0_0000L, 0x43E0_0000_0000_0000L,
        0xC3E0_0000_0000_0000L, 0x43F0_0000_0000_0000L, 0x3FE0_0000_0000_0000L, 0x4004_0000_0000_0000L,
        0xBFEF_FFFF_FFFF_FFFFL, 0x36A0_0000_0000_0000L, 0x47EF_FFFF_F000_0000L, 0x4330_0000_0000_0001L
    };

    private final SplittableRandom random;

    Rng(long seed) {
        random = new SplittableRandom(seed);
    }

    /** From 0 to the bound, exclusive. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    /** From first to last, inclusive. */
    int between(int first, int last) {
        return random.nextInt(first, last + 1);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    <T> T pick(List<T> list) {
        return list.get(below(list.size()));
    }

    Type number() {
        return pick(Type.NUMBERS);
    }

    /** An index picked by weight. */
    int weighted(int... weights) {
        int total = 0;
        for (int weight : weights) {
            total += weight;
        }
        int point = below(total);
        int index = 0;
        while (point >= weights[index]) {
            point -= weights[index++];
        }
        return index;
    }

    /** An index from 0 to the bound, exclusive; each is half as likely as the one before it. */
    int near(int bound) {
        int index = 0;
        while (index < bound - 1 && chance(0.5)) {
            index++;
        }
        return index;
    }

    int i32() {
        return switch (weighted(5, 4, 2)) {
            case 0 -> EDGES_32[below(EDGES_32.length)];
            case 1 -> between(-20, 20);
            default -> random.nextInt();
        };
    }

    long i64() {
        return switch (weighted(5, 3, 2)) {
            case 0 -> EDGES_64[below(EDGES_64.length)];
            case 1 -> between(-20, 20);
            default -> random.nextLong();
        };
    }

    /** Bits of a float. */
    int f32() {
        return switch (weighted(6, 3, 1)) {
            case 0 -> EDGES_F32[below(EDGES_F32.length)];
            case 1 -> Float.floatToRawIntBits(between(-1_000, 1_000) / 4f);
            default -> random.nextInt();
        };
    }

    /** Bits of a double. */
    long f64() {
        return switch (weighted(6, 3, 1)) {
            case 0 -> EDGES_F64[below(EDGES_F64.length)];
            case 1 -> Double.doubleToRawLongBits(between(-1_000, 1_000) / 4d);
            default -> random.nextLong();
        };
    }

    byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
