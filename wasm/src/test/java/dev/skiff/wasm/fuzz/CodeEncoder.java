package dev.skiff.wasm.fuzz;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Encodes function bodies and constant expressions. */
final class CodeEncoder {
    private static final int END = 0x0B;
    private static final int ELSE = 0x05;
    private static final int EMPTY = 0x40;
    private static final int PREFIX = 0xFC;
    private static final int HAS_MEMORY_INDEX = 0x40;

    private final Indices indices;
    private final Bytes out = new Bytes();
    private final Map<Frame, Integer> levels = new IdentityHashMap<>();
    private int level;

    private CodeEncoder(Indices indices) {
        this.indices = indices;
    }

    /** A body with its locals, without its size. */
    static Bytes function(Entity.Function function, Indices indices) {
        var encoder = new CodeEncoder(indices);
        encoder.locals(function.locals);
        encoder.levels.put(function, 0);
        function.body.forEach(encoder::node);
        return encoder.out.u8(END);
    }

    /** A constant expression. */
    static void constant(List<Op> ops, Indices indices, Bytes to) {
        var encoder = new CodeEncoder(indices);
        ops.forEach(encoder::node);
        to.raw(encoder.out.u8(END).toArray());
    }

    private void locals(List<Entity.Local> locals) {
        var runs = new Bytes();
        int count = 0;
        for (int i = 0; i < locals.size(); count++) {
            int start = i;
            Type type = locals.get(i).type;
            while (i < locals.size() && locals.get(i).type == type) {
                i++;
            }
            runs.unsigned(i - start).u8(type.code());
        }
        out.unsigned(count).raw(runs.toArray());
    }

    private void node(Node node) {
        switch (node) {
            case Op op -> op(op);
            case Scope scope -> scope(scope);
            case Canon canon -> canon.expand().forEach(this::op);
            case Burn burn -> burn.expand().forEach(this::node);
        }
    }

    private void op(Op op) {
        if (op.opcode() >>> 8 == PREFIX) {
            out.u8(PREFIX).unsigned(op.opcode() & 0xFF);
        } else {
            out.u8(op.opcode());
        }
        op.immediates().forEach(this::immediate);
    }

    private void immediate(Immediate immediate) {
        switch (immediate) {
            case Immediate.Int(long value) -> out.signed(value);
            case Immediate.F32(int bits) -> out.fixed(bits, 4);
            case Immediate.F64(long bits) -> out.fixed(bits, 8);
            case Immediate.Byte(int value, String text) -> out.u8(value);
            case Immediate.Index(Entity entity) -> index(entity);
            case Immediate.TypeIndex(Signature signature) -> out.unsigned(indices.of(signature));
            case Immediate.Label(Frame target) -> label(target);
            case Immediate.Labels(List<Frame> targets, Frame otherwise) -> {
                out.unsigned(targets.size());
                targets.forEach(this::label);
                label(otherwise);
            }
            case Immediate.Types(List<Type> types) -> {
                out.unsigned(types.size());
                types.forEach(type -> out.u8(type.code()));
            }
            case Immediate.Address address -> address(address);
        }
    }

    private void index(Entity entity) {
        if (entity instanceof Entity.Function function) {
            indices.declare(function);
        }
        out.unsigned(indices.of(entity));
    }

    private void address(Immediate.Address address) {
        int memory = indices.of(address.memory());
        out.unsigned(memory == 0 ? address.align() : address.align() | HAS_MEMORY_INDEX);
        if (memory != 0) {
            out.unsigned(memory);
        }
        out.unsigned(address.offset());
    }

    private void label(Frame target) {
        out.unsigned(level - levels.get(target));
    }

    private void scope(Scope scope) {
        out.u8(scope.kind.opcode);
        blockType(scope.signature);
        if (scope.kind == Scope.Kind.TRY_TABLE) {
            catches(scope.catches);
        }
        level++;
        levels.put(scope, level);
        scope.body.forEach(this::node);
        if (scope.orElse != null) {
            out.u8(ELSE);
            scope.orElse.forEach(this::node);
        }
        levels.remove(scope);
        level--;
        out.u8(END);
    }

    private void blockType(Signature signature) {
        if (!signature.params().isEmpty() || signature.results().size() > 1) {
            out.signed(indices.of(signature));
        } else {
            out.u8(
                    signature.results().isEmpty()
                            ? EMPTY
                            : signature.results().getFirst().code());
        }
    }

    private void catches(List<Scope.Catch> catches) {
        out.unsigned(catches.size());
        for (var clause : catches) {
            out.u8(clause.code());
            if (clause.tag() != null) {
                out.unsigned(indices.of(clause.tag()));
            }
            label(clause.target());
        }
    }
}
