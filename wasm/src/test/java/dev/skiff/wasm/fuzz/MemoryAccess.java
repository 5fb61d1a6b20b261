package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** Generates loads, stores and the other instructions on memories. */
final class MemoryAccess {
    /** Names and opcodes from i32.load (0x28) on; the sizes in bytes below. */
    private static final List<String> LOADS = List.of(
            "i32.load",
            "i64.load",
            "f32.load",
            "f64.load",
            "i32.load8_s",
            "i32.load8_u",
            "i32.load16_s",
            "i32.load16_u",
            "i64.load8_s",
            "i64.load8_u",
            "i64.load16_s",
            "i64.load16_u",
            "i64.load32_s",
            "i64.load32_u");

    private static final int[] LOAD_SIZES = {4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4};
    private static final List<String> STORES = List.of(
            "i32.store",
            "i64.store",
            "f32.store",
            "f64.store",
            "i32.store8",
            "i32.store16",
            "i64.store8",
            "i64.store16",
            "i64.store32");
    private static final int[] STORE_SIZES = {4, 8, 4, 8, 1, 2, 1, 2, 4};

    private static final int MAX_POINTER = 0x3FFF;

    private final BodyGenerator body;
    private final Emitter emitter;
    private final Rng rng;
    /** Locals that hold addresses, of which only risky code makes ones that are out of bounds. */
    private final List<Entity.Local> pointers = new ArrayList<>();

    MemoryAccess(BodyGenerator body) {
        this.body = body;
        this.emitter = body.emitter;
        this.rng = body.rng;
    }

    /** Pushes a value read from memory. */
    void load(Type type, int depth) {
        int index;
        do {
            index = rng.below(LOADS.size());
        } while (!LOADS.get(index).startsWith(type.toString()));
        var address = address(LOAD_SIZES[index], depth);
        emitter.emit(Op.with(LOADS.get(index), 0x28 + index, address, List.of(Type.I32), List.of(type)), true);
    }

    /** Writes a value to memory. */
    void store(int depth) {
        int index = rng.below(STORES.size());
        Type type = type(STORES.get(index));
        var address = address(STORE_SIZES[index], depth);
        body.values.push(type, depth);
        body.makeExact();
        emitter.emit(Op.with(STORES.get(index), 0x36 + index, address, List.of(Type.I32, type), List.of()));
    }

    private static Type type(String name) {
        return Type.NUMBERS.stream()
                .filter(t -> name.startsWith(t.toString()))
                .findFirst()
                .orElseThrow();
    }

    /** Pushes an address for an access of some bytes; mostly one within bounds. */
    private Immediate.Address address(int size, int depth) {
        var memory = memory();
        int align = rng.below(Integer.numberOfTrailingZeros(size) + 1);
        long bytes = memory.minBytes();
        if (bytes > 0 && rng.chance(0.5)) {
            return new Immediate.Address(align, throughPointer(bytes, size, depth), memory);
        }
        if (bytes == 0 || body.risky()) {
            // An access to a memory that starts empty traps, or not, by what was grown before.
            return new Immediate.Address(align, wildAddress(bytes, size, depth), memory);
        }
        if (rng.chance(0.1)) {
            int offset = rng.below(64);
            emitter.emit(Ops.i32((int) (bytes - size - offset)));
            return new Immediate.Address(align, offset, memory);
        }
        long half = bytes / 2;
        masked(Long.highestOneBit(half) - 1, depth);
        long offset = rng.chance(0.7) ? rng.below(64) : rng.below((int) half - 8);
        return new Immediate.Address(align, offset, memory);
    }

    /** Pushes the address in a local, often the same as before; returns an offset. */
    private long throughPointer(long bytes, int size, int depth) {
        if (pointers.size() < 2) {
            pointers.add(body.reserve(Type.I32));
        }
        var pointer = rng.pick(pointers);
        boolean risky = body.risky();
        if (risky && rng.chance(0.5)) {
            emitter.emit(Ops.i32((int) (bytes - rng.below(100))));
            emitter.emit(Ops.tee(pointer));
        } else if (rng.chance(0.3)) {
            masked(MAX_POINTER, depth);
            emitter.emit(Ops.tee(pointer));
        } else {
            emitter.emit(Ops.get(pointer));
        }
        return risky || rng.chance(0.7) ? rng.below(64) : rng.below((int) bytes - MAX_POINTER - size);
    }

    /** Pushes a number from 0 to a mask. */
    private void masked(long mask, int depth) {
        body.values.push(List.of(Type.I32), depth - 1);
        emitter.emit(Ops.i32((int) mask));
        emitter.emit(Op.plain("i32.and", 0x71, List.of(Type.I32, Type.I32), List.of(Type.I32)));
    }

    /** Pushes any address; returns any offset. */
    private long wildAddress(long bytes, int size, int depth) {
        switch (rng.weighted(2, 3, 2)) {
            case 0 -> body.values.push(Type.I32, depth - 1);
            case 1 -> emitter.emit(Ops.i32((int) (bytes - rng.below(2 * size + 2))));
            default -> emitter.emit(Ops.i32(rng.i32()));
        }
        return switch (rng.weighted(4, 2, 2, 2, 1)) {
            case 0 -> 0;
            case 1 -> rng.below(2 * size + 1);
            case 2 -> Math.max(0, bytes - rng.below(2 * size + 1));
            case 3 -> 0x1_0000_0000L - 1 - rng.below(2 * size);
            default -> rng.i32() & 0xFFFF_FFFFL;
        };
    }

    /** Pushes the size of a memory. */
    void size() {
        emitter.emit(Op.with("memory.size", 0x3F, index(), List.of(), List.of(Type.I32)));
    }

    /** Pushes the result of growing a memory. */
    void grow(int depth) {
        if (rng.chance(0.7)) {
            emitter.emit(Ops.i32(rng.below(3)));
        } else {
            body.values.push(Type.I32, depth - 1);
        }
        emitter.emit(Op.with("memory.grow", 0x40, index(), List.of(Type.I32), List.of(Type.I32)));
    }

    private Immediate index() {
        return new Immediate.Index(rng.pick(body.program.memories));
    }

    /** A memory to access; rarely one that starts empty, as that mostly traps. */
    private Entity.Memory memory() {
        var memory = rng.pick(body.program.memories);
        return memory.min == 0 && !body.risky() ? body.program.memories.getFirst() : memory;
    }

    /** Adds a memory.fill, memory.copy, memory.init or data.drop. */
    void bulk(int depth) {
        var memory = rng.pick(body.program.memories);
        switch (rng.weighted(3, 4, 3, 1)) {
            case 0 -> {
                position(memory.minBytes(), depth);
                body.values.push(Type.I32, depth);
                count(memory.minBytes(), depth);
                three("memory.fill", 0xFC0B, List.of(new Immediate.Index(memory)));
            }
            case 1 -> {
                var source = rng.pick(body.program.memories);
                position(memory.minBytes(), depth);
                position(source.minBytes(), depth);
                count(Math.min(memory.minBytes(), source.minBytes()), depth);
                three("memory.copy", 0xFC0A, List.of(new Immediate.Index(memory), new Immediate.Index(source)));
            }
            case 2 -> {
                var segment = rng.pick(body.program.data);
                position(memory.minBytes(), depth);
                int available = segment.memory == null && memory.min > 0 ? segment.bytes.length / 2 : 0;
                position(available, depth);
                count(available, depth);
                three("memory.init", 0xFC08, List.of(new Immediate.Index(segment), new Immediate.Index(memory)));
            }
            default -> {
                if (body.rng.chance(0.3)) {
                    var segment = new Immediate.Index(rng.pick(body.program.data));
                    emitter.emit(Op.with("data.drop", 0xFC09, segment, List.of(), List.of()));
                }
            }
        }
    }

    private void three(String name, int opcode, List<Immediate> immediates) {
        var pops = List.of(Type.I32, Type.I32, Type.I32);
        emitter.emit(new Op(name, opcode, immediates, pops, List.of(), false));
    }

    private void position(long bytes, int depth) {
        if (body.risky()) {
            emitter.emit(Ops.i32(rng.chance(0.5) ? (int) bytes - rng.below(4) : rng.i32()));
        } else if (bytes < 2) {
            emitter.emit(Ops.i32(0));
        } else {
            masked(Long.highestOneBit(bytes / 2) - 1, depth);
        }
    }

    private void count(long bytes, int depth) {
        if (body.risky()) {
            emitter.emit(Ops.i32(rng.chance(0.5) ? rng.below(3) : rng.i32()));
        } else if (bytes < 4) {
            emitter.emit(Ops.i32(0));
        } else {
            masked(Math.min(rng.chance(0.8) ? 63 : 0x3FFF, Long.highestOneBit(bytes / 2) - 1), depth);
        }
    }
}
