package dev.skiff.wasm.fuzz;

import java.util.Arrays;

/** The model's instructions other than control and locals. */
final class ModelInstructions {
    private final ModelState state;
    private final ModelStack stack;

    ModelInstructions(ModelState state, ModelStack stack) {
        this.state = state;
        this.stack = stack;
    }

    static Entity entity(Op op, int immediate) {
        return ((Immediate.Index) op.immediates().get(immediate)).entity();
    }

    void run(Op op) {
        switch (op.opcode()) {
            case 0x00 -> throw new ModelTrap("UNREACHABLE");
            case 0x08 -> {
                var tag = (Entity.Tag) entity(op, 0);
                throw new ModelException(tag, stack.pop(tag.params.size()));
            }
            case 0x0A -> {
                if (stack.pop() instanceof ModelException caught) {
                    throw caught;
                }
                throw new ModelTrap("NULL_REFERENCE");
            }
            case 0x1A -> stack.pop();
            case 0x1B, 0x1C -> {
                boolean first = stack.number() != 0;
                var second = stack.pop();
                if (!first) {
                    stack.pop();
                    stack.push(second);
                }
            }
            case 0x23 -> stack.push(state.globals.get((Entity.Global) entity(op, 0)));
            case 0x24 -> state.globals.put((Entity.Global) entity(op, 0), stack.pop());
            case 0x25 -> {
                var elements = state.tables.get(table(op, 0));
                stack.push(elements[ModelState.check(elements, stack.unsigned(), 1)]);
            }
            case 0x26 -> {
                var value = stack.pop();
                var elements = state.tables.get(table(op, 0));
                elements[ModelState.check(elements, stack.unsigned(), 1)] = value;
            }
            case 0x3F -> stack.push((long) memory(op, 0).pages());
            case 0x40 -> stack.push((long) memory(op, 0).grow((int) stack.number()));
            case 0x41, 0x42 -> stack.push(((Immediate.Int) op.immediates().getFirst()).value());
            case 0x43 -> stack.push((long) ((Immediate.F32) op.immediates().getFirst()).bits());
            case 0x44 -> stack.push(((Immediate.F64) op.immediates().getFirst()).bits());
            case 0xD0 -> stack.push((Object) null);
            case 0xD1 -> stack.push(stack.pop() == null ? 1L : 0L);
            case 0xD2 -> stack.push(entity(op, 0));
            default -> more(op);
        }
    }

    private void more(Op op) {
        int opcode = op.opcode();
        if (opcode >= 0x28 && opcode <= 0x35) {
            var address = (Immediate.Address) op.immediates().getFirst();
            stack.push(state.memories.get(address.memory()).load(opcode, stack.unsigned() + address.offset()));
        } else if (opcode >= 0x36 && opcode <= 0x3E) {
            var address = (Immediate.Address) op.immediates().getFirst();
            long value = stack.number();
            state.memories.get(address.memory()).store(opcode, stack.unsigned() + address.offset(), value);
        } else if (opcode >= 0xFC08) {
            bulk(op);
        } else {
            long right = op.pops().size() > 1 ? stack.number() : 0;
            stack.push(ModelNumerics.apply(opcode, stack.number(), right));
        }
    }

    /** The function that an indirect call finds. */
    Entity.Function indirect(Op op) {
        long index = stack.unsigned();
        var elements = state.tables.get(table(op, 1));
        if (index >= elements.length) {
            throw new ModelTrap("UNDEFINED_ELEMENT");
        }
        if (!(elements[(int) index] instanceof Entity.Function callee)) {
            throw new ModelTrap("UNINITIALIZED_ELEMENT");
        }
        if (!((Immediate.TypeIndex) op.immediates().getFirst()).signature().equals(callee.signature)) {
            throw new ModelTrap("INDIRECT_CALL_TYPE_MISMATCH");
        }
        return callee;
    }

    private Entity.Table table(Op op, int immediate) {
        return (Entity.Table) entity(op, immediate);
    }

    private ModelMemory memory(Op op, int immediate) {
        return state.memories.get((Entity.Memory) entity(op, immediate));
    }

    private void bulk(Op op) {
        switch (op.opcode()) {
            case 0xFC09 -> state.data.put((Entity.Data) entity(op, 0), new byte[0]);
            case 0xFC0D -> state.elements.put((Entity.Elements) entity(op, 0), new Object[0]);
            case 0xFC0F -> {
                int count = (int) stack.number();
                stack.push(state.grow(table(op, 0), stack.pop(), count));
            }
            case 0xFC10 -> stack.push((long) state.tables.get(table(op, 0)).length);
            default -> ranges(op, stack.unsigned());
        }
    }

    /** The instructions on ranges, all of which check before they write. */
    private void ranges(Op op, long count) {
        switch (op.opcode()) {
            case 0xFC08 -> {
                var segment = state.data.get((Entity.Data) entity(op, 0));
                var memory = memory(op, 1);
                long source = stack.unsigned();
                int target = memory.check(stack.unsigned(), count);
                copy(segment, source, segment.length, memory.bytes(), target, count, "MEMORY_OUT_OF_BOUNDS");
            }
            case 0xFC0A -> {
                var from = memory(op, 1);
                long source = stack.unsigned();
                int target = memory(op, 0).check(stack.unsigned(), count);
                copy(
                        from.bytes(),
                        source,
                        from.bytes().length,
                        memory(op, 0).bytes(),
                        target,
                        count,
                        "MEMORY_OUT_OF_BOUNDS");
            }
            case 0xFC0B -> {
                byte value = (byte) stack.number();
                int target = memory(op, 0).check(stack.unsigned(), count);
                Arrays.fill(memory(op, 0).bytes(), target, (int) (target + count), value);
            }
            case 0xFC0C -> elements(state.elements.get((Entity.Elements) entity(op, 0)), table(op, 1), count);
            case 0xFC0E -> elements(state.tables.get(table(op, 1)), table(op, 0), count);
            default -> {
                var value = stack.pop();
                var elements = state.tables.get(table(op, 0));
                int target = ModelState.check(elements, stack.unsigned(), count);
                Arrays.fill(elements, target, (int) (target + count), value);
            }
        }
    }

    private void elements(Object[] from, Entity.Table table, long count) {
        long source = stack.unsigned();
        var to = state.tables.get(table);
        int target = ModelState.check(to, stack.unsigned(), count);
        copy(from, source, from.length, to, target, count, "TABLE_OUT_OF_BOUNDS");
    }

    private static void copy(Object from, long source, int length, Object to, int target, long count, String trap) {
        if (source + count > length) {
            throw new ModelTrap(trap);
        }
        System.arraycopy(from, (int) source, to, target, (int) count);
    }
}
