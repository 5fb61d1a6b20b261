package dev.skiff.wasm.huge;

import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.RefType;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import dev.skiff.wasm.ValType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs a {@link Program} on boxed values, instruction by instruction: slow, small and plainly right. */
final class Model {
    private static final int FELL_THROUGH = -1;
    private static final int RETURNED = -2;
    private static final int MAX_DEPTH = 40;

    private final Program program;
    private final long maxSteps;
    private final Object[] globals = Program.GLOBALS.stream().map(Model::zero).toArray();
    private final ByteBuffer memory = ByteBuffer.allocate(Program.MEMORY + 64).order(ByteOrder.LITTLE_ENDIAN);
    private long steps;
    private int depth;
    private Node trapped;

    Model(Program program, int gas, long maxSteps) {
        this.program = program;
        this.maxSteps = maxSteps;
        globals[Program.GAS] = gas;
    }

    /** An exception of the guest. */
    static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int tag;
        private final transient Object[] payload;

        Thrown(int tag, Object... payload) {
            super("tag " + tag, null, false, false);
            this.tag = tag;
            this.payload = payload;
        }

        int tag() {
            return tag;
        }

        List<Object> payload() {
            return Arrays.asList(payload);
        }
    }

    /** The program takes more steps than allowed, or more nested calls than a stack surely has room for. */
    static final class TooLongException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooLongException() {
            super(null, null, false, false);
        }
    }

    Object[] globals() {
        return globals;
    }

    byte[] memory() {
        return memory.array();
    }

    /** The instruction that trapped. */
    Node trapped() {
        return trapped;
    }

    /** Calls the program. */
    Object[] call(Object... args) {
        if (++depth > MAX_DEPTH) {
            throw new TooLongException();
        }
        Object[] locals = Arrays.copyOf(args, args.length + program.locals().size());
        for (int i = args.length; i < locals.length; i++) {
            locals[i] = zero(program.locals().get(i - args.length));
        }
        Frame frame = new Frame(locals);
        try {
            frame.run(program.body());
            return frame.top(Program.TYPE.results().size());
        } finally {
            depth--;
        }
    }

    private static Object zero(ValType type) {
        return switch (type) {
            case NumType.I32 -> 0;
            case NumType.I64 -> 0L;
            case NumType.F32 -> 0f;
            case NumType.F64 -> 0.0;
            case RefType ref -> null;
        };
    }

    /** One call: the locals and the operand stack. */
    private final class Frame {
        private final Object[] locals;
        private final ArrayList<Object> stack = new ArrayList<>();

        Frame(Object[] locals) {
            this.locals = locals;
        }

        /** Runs a sequence; gives the label that it branches to, counted from the sequence's own. */
        int run(List<Node> sequence) {
            for (Node node : sequence) {
                int label = step(node);
                if (label != FELL_THROUGH) {
                    return label;
                }
            }
            return FELL_THROUGH;
        }

        private int step(Node node) {
            if (++steps > maxSteps) {
                throw new TooLongException();
            }
            switch (node) {
                case Node.Const(ValType type, Object value) -> stack.add(value);
                case Node.Num(Numeric numeric) -> numeric(node, numeric);
                case Node.Get(int local) -> stack.add(locals[local]);
                case Node.Set(int local) -> locals[local] = pop();
                case Node.Tee(int local) -> locals[local] = stack.getLast();
                case Node.GlobalGet(int global) -> stack.add(globals[global]);
                case Node.GlobalSet(int global) -> globals[global] = pop();
                case Node.Drop drop -> pop();
                case Node.Select select -> {
                    int condition = (Integer) pop();
                    Object second = pop();
                    if (condition == 0) {
                        stack.set(stack.size() - 1, second);
                    }
                }
                case Node.IsNull isNull -> stack.add(pop() == null ? 1 : 0);
                case Node.Load(ValType type, int offset) -> stack.add(load(type, (Integer) pop() + offset));
                case Node.Store(ValType type, int offset) -> {
                    Object value = pop();
                    store(type, (Integer) pop() + offset, value);
                }
                case Node.Unreachable unreachable -> {
                    trapped = node;
                    throw new Trap(TrapCode.UNREACHABLE);
                }
                case Node.Br(int label) -> {
                    return label;
                }
                case Node.BrIf(int label) -> {
                    return (Integer) pop() != 0 ? label : FELL_THROUGH;
                }
                case Node.BrTable(List<Integer> labels) -> {
                    int index = (Integer) pop();
                    int last = labels.size() - 1;
                    return labels.get(Integer.compareUnsigned(index, last) < 0 ? index : last);
                }
                case Node.Return ret -> {
                    return RETURNED;
                }
                case Node.CallHelper(Helper helper, boolean indirect) -> help(helper);
                case Node.CallSelf(boolean tail) -> {
                    stack.addAll(Arrays.asList(call(popAll(Program.TYPE.params().size()))));
                    return tail ? RETURNED : FELL_THROUGH;
                }
                case Node.Throw(int tag) -> {
                    if (tag == 0) {
                        Object second = pop();
                        throw new Thrown(0, pop(), second);
                    }
                    throw new Thrown(1);
                }
                case Node.ThrowRef throwRef -> {
                    if (pop() instanceof Thrown thrown) {
                        throw thrown;
                    }
                    trapped = node;
                    throw new Trap(TrapCode.NULL_REFERENCE);
                }
                case Node.Block(FuncType type, List<Node> body) -> {
                    return block(type, body);
                }
                case Node.Loop(FuncType type, List<Node> body) -> {
                    int base = stack.size() - type.params().size();
                    while (true) {
                        int label = run(body);
                        if (label != 0) {
                            return outer(label);
                        }
                        unwind(base, type.params().size());
                    }
                }
                case Node.If(FuncType type, List<Node> then, List<Node> otherwise) -> {
                    return block(type, (Integer) pop() != 0 ? then : otherwise);
                }
                case Node.TryTable tryTable -> {
                    return tryTable(tryTable);
                }
            }
            return FELL_THROUGH;
        }

        private int block(FuncType type, List<Node> body) {
            int base = stack.size() - type.params().size();
            int label = run(body);
            if (label == 0) {
                unwind(base, type.results().size());
                return FELL_THROUGH;
            }
            return outer(label);
        }

        private int tryTable(Node.TryTable tryTable) {
            int base = stack.size() - tryTable.type().params().size();
            try {
                return block(tryTable.type(), tryTable.body());
            } catch (Thrown thrown) {
                for (Node.Clause clause : tryTable.clauses()) {
                    if (clause.tag().isEmpty() || clause.tag().getAsInt() == thrown.tag) {
                        unwind(base, 0);
                        if (clause.tag().isPresent()) {
                            stack.addAll(thrown.payload());
                        }
                        if (clause.ref()) {
                            stack.add(thrown);
                        }
                        return clause.label();
                    }
                }
                throw thrown;
            }
        }

        private void numeric(Node node, Numeric numeric) {
            Object second = numeric.params().size() == 2 ? pop() : null;
            try {
                stack.add(numeric.apply(pop(), second));
            } catch (Trap trap) {
                trapped = node;
                throw trap;
            }
        }

        private void help(Helper helper) {
            Object[] args = popAll(helper.type().params().size());
            switch (helper) {
                case ROTATE -> stack.addAll(List.of(args[3], (Integer) args[0] + 1, args[2], args[1]));
                case MAYBE_THROW -> {
                    int value = (Integer) args[0];
                    if ((value & 127) == 3) {
                        throw new Thrown(0, value, 77L);
                    }
                    if ((value & 127) == 5) {
                        throw new Thrown(1);
                    }
                    stack.add(value + 1);
                }
                case HOST -> stack.add((Integer) args[0] + (Long) args[1]);
                case SAME -> stack.add(args[0]);
            }
        }

        private Object load(ValType type, int address) {
            return type == NumType.I32 ? (Object) memory.getInt(address) : (Object) memory.getLong(address);
        }

        private void store(ValType type, int address, Object value) {
            if (type == NumType.I32) {
                memory.putInt(address, (Integer) value);
            } else {
                memory.putLong(address, (Long) value);
            }
        }

        Object[] top(int count) {
            return stack.subList(stack.size() - count, stack.size()).toArray();
        }

        private Object[] popAll(int count) {
            Object[] values = top(count);
            stack.subList(stack.size() - count, stack.size()).clear();
            return values;
        }

        private Object pop() {
            return stack.removeLast();
        }

        /** Removes what is between a height and the values on top. */
        private void unwind(int height, int kept) {
            stack.subList(height, stack.size() - kept).clear();
        }

        private static int outer(int label) {
            return label < 0 ? label : label - 1;
        }
    }
}
