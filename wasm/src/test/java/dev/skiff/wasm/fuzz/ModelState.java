package dev.skiff.wasm.fuzz;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/** What an instance of a program consists of, in the model. Numbers are Longs, references objects. */
final class ModelState {
    final Program program;
    final Map<Entity.Global, Object> globals = new IdentityHashMap<>();
    final Map<Entity.Memory, ModelMemory> memories = new IdentityHashMap<>();
    final Map<Entity.Table, Object[]> tables = new IdentityHashMap<>();
    final Map<Entity.Data, byte[]> data = new IdentityHashMap<>();
    final Map<Entity.Elements, Object[]> elements = new IdentityHashMap<>();

    ModelState(Program program) {
        this.program = program;
        for (var global : program.globals) {
            globals.put(global, global.isImported() ? object(Host.global(global.type)) : constant(global.init));
        }
        program.memories.forEach(memory -> memories.put(memory, new ModelMemory(memory)));
        program.tables.forEach(table -> tables.put(table, new Object[table.min]));
        for (var segment : program.elements) {
            var values = segment.entries.stream()
                    .map(op -> constant(java.util.List.of(op)))
                    .toArray();
            elements.put(segment, values);
            if (segment.table != null) {
                long offset = (Long) constant(segment.offset);
                System.arraycopy(values, 0, tables.get(segment.table), (int) offset, values.length);
                elements.put(segment, new Object[0]);
            }
        }
        for (var segment : program.data) {
            data.put(segment, segment.bytes);
            if (segment.memory != null) {
                long offset = (Long) constant(segment.offset);
                System.arraycopy(
                        segment.bytes, 0, memories.get(segment.memory).bytes(), (int) offset, segment.bytes.length);
                data.put(segment, new byte[0]);
            }
        }
    }

    private Object constant(java.util.List<Op> init) {
        var stack = new ModelStack();
        for (var op : init) {
            switch (op.immediates().isEmpty() ? null : op.immediates().getFirst()) {
                case Immediate.Int(long value) -> stack.push(value);
                case Immediate.F32(int bits) -> stack.push((long) bits);
                case Immediate.F64(long bits) -> stack.push(bits);
                case Immediate.Index(Entity.Global global) -> stack.push(globals.get(global));
                case Immediate.Index(Entity.Function function) -> stack.push(function);
                case Immediate.Byte heap -> stack.push((Object) null);
                case null, default -> {
                    long right = stack.number();
                    stack.push(ModelNumerics.apply(op.opcode(), stack.number(), right));
                }
            }
        }
        return stack.pop();
    }

    /** Elements of a table that an index and a length select; traps out of bounds. */
    static int check(Object[] elements, long index, long length) {
        if (index + length > elements.length) {
            throw new ModelTrap("TABLE_OUT_OF_BOUNDS");
        }
        return (int) index;
    }

    long grow(Entity.Table table, Object value, int count) {
        var before = tables.get(table);
        if (count < 0 || count > table.max - before.length) {
            return -1;
        }
        var after = Arrays.copyOf(before, before.length + count);
        Arrays.fill(after, before.length, after.length, value);
        tables.put(table, after);
        return before.length;
    }

    /** A value of the boundary as the model has it: external references are their tokens. */
    static Object object(Value value) {
        if (value.isNull()) {
            return null;
        }
        return value.type() == Type.EXTERNREF ? value : (Object) value.bits();
    }

    /** The other way round. */
    static Value value(Type type, Object object) {
        return switch (object) {
            case null -> Value.nothing(type);
            case Long bits -> new Value(type, bits, false);
            case Value token -> token;
            default -> Value.something(type);
        };
    }
}
