package dev.skiff.wasm.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A memory in the model. */
final class ModelMemory {
    private static final int PAGE = 65_536;

    private final int max;
    private byte[] bytes;

    ModelMemory(Entity.Memory type) {
        max = type.max;
        bytes = new byte[type.min * PAGE];
    }

    byte[] bytes() {
        return bytes;
    }

    int pages() {
        return bytes.length / PAGE;
    }

    int grow(int delta) {
        int before = pages();
        if (delta < 0 || delta > max - before) {
            return -1;
        }
        bytes = Arrays.copyOf(bytes, bytes.length + delta * PAGE);
        return before;
    }

    /** A value from memory, by the instruction from i32.load (0x28) to i64.load32_u (0x35). */
    long load(int opcode, long address) {
        int at = check(address, size(opcode));
        var in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return switch (opcode) {
            case 0x28, 0x2A, 0x34 -> in.getInt(at);
            case 0x29, 0x2B -> in.getLong(at);
            case 0x2C, 0x30 -> in.get(at);
            case 0x2D, 0x31 -> in.get(at) & 0xFF;
            case 0x2E, 0x32 -> in.getShort(at);
            case 0x2F, 0x33 -> in.getShort(at) & 0xFFFF;
            default -> in.getInt(at) & 0xFFFF_FFFFL;
        };
    }

    /** Writes a value, by the instruction from i32.store (0x36) to i64.store32 (0x3E). */
    void store(int opcode, long address, long value) {
        int at = check(address, size(opcode));
        var out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        switch (opcode) {
            case 0x36, 0x38, 0x3E -> out.putInt(at, (int) value);
            case 0x37, 0x39 -> out.putLong(at, value);
            case 0x3A, 0x3C -> out.put(at, (byte) value);
            default -> out.putShort(at, (short) value);
        }
    }

    private static int size(int opcode) {
        return switch (opcode) {
            case 0x29, 0x2B, 0x37, 0x39 -> 8;
            case 0x2C, 0x2D, 0x30, 0x31, 0x3A, 0x3C -> 1;
            case 0x2E, 0x2F, 0x32, 0x33, 0x3B, 0x3D -> 2;
            default -> 4;
        };
    }

    /** The start of a range within bounds. */
    int check(long address, long length) {
        if (address + length > bytes.length) {
            throw new ModelTrap("MEMORY_OUT_OF_BOUNDS");
        }
        return (int) address;
    }
}
