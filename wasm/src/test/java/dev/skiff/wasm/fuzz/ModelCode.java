package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Runs functions of a program, node by node: slow, and as close to the specification as can be. */
final class ModelCode {
    /** What a tail call leaves behind for its caller. */
    private record TailCall(Entity.Function callee, List<Object> args) {}

    private final ModelState state;
    private final Host host;

    ModelCode(ModelState state, Host host) {
        this.state = state;
        this.host = host;
    }

    /** Calls a function, and those that it calls last. */
    List<Object> call(Entity.Function function, List<Object> args) {
        var next = new TailCall(function, args);
        while (true) {
            if (!next.callee().imported.isEmpty()) {
                return host(next.callee(), next.args());
            }
            var activation = new Activation(next);
            if (activation.run(next.callee().body, next.callee()) == null || activation.tailCall == null) {
                return activation.stack.pop(next.callee().signature.results().size());
            }
            next = activation.tailCall;
        }
    }

    private List<Object> host(Entity.Function function, List<Object> args) {
        switch (function.imported) {
            case Host.POKE -> {
                return List.of(poke((int) (long) (Long) args.getFirst()));
            }
            case Host.CALLBACK -> {
                long arg = (int) ((Long) args.getFirst() - 1);
                var results = call(state.program.callback, List.of(arg));
                return List.of((long) (int) ((Long) results.getFirst() + 1));
            }
            default -> {
                var values = new ArrayList<Value>();
                for (int i = 0; i < args.size(); i++) {
                    values.add(ModelState.value(function.signature.params().get(i), args.get(i)));
                }
                var results = new ArrayList<>();
                host.call(function.imported, values, function.signature.results())
                        .forEach(value -> results.add(ModelState.object(value)));
                return results;
            }
        }
    }

    private long poke(int arg) {
        var memory = state.memories.get(state.program.memories.getFirst());
        long before = memory.pages();
        if ((arg & 1) != 0) {
            memory.grow(1);
        }
        int address = arg >>> 1 & 0xFFFF;
        if (address < memory.bytes().length) {
            memory.bytes()[address] ^= 0x5A;
        }
        return before;
    }

    /** A call that is under way. */
    private final class Activation {
        private final Entity.Function function;
        private final ModelStack stack = new ModelStack();
        private final Map<Entity.Local, Object> locals = new IdentityHashMap<>();
        private final ModelInstructions instructions = new ModelInstructions(state, stack);
        private TailCall tailCall;

        Activation(TailCall call) {
            function = call.callee();
            for (int i = 0; i < call.args().size(); i++) {
                locals.put(call.callee().params.get(i), call.args().get(i));
            }
            for (var local : call.callee().locals) {
                locals.put(local, local.type.isReference() ? null : (Object) 0L);
            }
        }

        /** Runs nodes in a frame; returns the frame that was branched to, or null at the end. */
        Frame run(List<Node> nodes, Frame frame) {
            int height = stack.height();
            for (var node : nodes) {
                var target = node(node);
                if (target == frame && frame instanceof Entity.Function) {
                    stack.unwind(
                            height, tailCall != null ? 0 : frame.labelTypes().size());
                }
                if (target != null) {
                    return target;
                }
            }
            return null;
        }

        private Frame node(Node node) {
            return switch (node) {
                case Scope scope -> scope(scope);
                case Canon canon -> canonicalise(canon.type());
                case Burn burn -> burn(burn);
                case Op op -> op(op);
            };
        }

        private Frame canonicalise(Type type) {
            long bits = stack.number();
            if (type == Type.F32 && Float.isNaN(Float.intBitsToFloat((int) bits))) {
                bits = 0x7FC0_0000;
            } else if (type == Type.F64 && Double.isNaN(Double.longBitsToDouble(bits))) {
                bits = 0x7FF8_0000_0000_0000L;
            }
            stack.push(bits);
            return null;
        }

        private Frame burn(Burn burn) {
            for (var node : burn.expanded()) {
                var target = node(node);
                if (target != null) {
                    return target;
                }
            }
            return null;
        }

        private Frame scope(Scope scope) {
            boolean first = scope.kind != Scope.Kind.IF || stack.number() != 0;
            var nodes = first ? scope.body : scope.orElse;
            int height = stack.height() - scope.signature.params().size();
            while (nodes != null) {
                Frame target;
                try {
                    target = run(nodes, scope);
                } catch (ModelException e) {
                    target = handler(scope, e, height);
                }
                if (target != scope) {
                    return target;
                }
                stack.unwind(height, scope.labelTypes().size());
                if (scope.kind != Scope.Kind.LOOP) {
                    break;
                }
            }
            return null;
        }

        /** The frame that a handler goes to, with what it carries on the stack; throws again if there is none. */
        private Frame handler(Scope scope, ModelException e, int height) {
            for (var clause : scope.catches) {
                if (clause.tag() == null || clause.tag() == e.tag) {
                    stack.unwind(height, 0);
                    if (clause.tag() != null) {
                        stack.push(e.payload);
                    }
                    if (clause.withReference()) {
                        stack.push(e);
                    }
                    return clause.target();
                }
            }
            throw e;
        }

        private Frame op(Op op) {
            switch (op.opcode()) {
                case 0x0C -> {
                    return label(op);
                }
                case 0x0D -> {
                    return stack.number() != 0 ? label(op) : null;
                }
                case 0x0E -> {
                    long index = stack.unsigned();
                    var labels = (Immediate.Labels) op.immediates().getFirst();
                    boolean within = index < labels.targets().size();
                    return within ? labels.targets().get((int) index) : labels.otherwise();
                }
                case 0x0F -> {
                    return function;
                }
                case 0x10 -> stack.push(call(callee(op), stack.pop(op.pops().size())));
                case 0x11 -> {
                    var callee = instructions.indirect(op);
                    stack.push(call(callee, stack.pop(callee.signature.params().size())));
                }
                case 0x12 -> {
                    return tailCall(callee(op));
                }
                case 0x13 -> {
                    return tailCall(instructions.indirect(op));
                }
                case 0x20 -> stack.push(locals.get(local(op)));
                case 0x21 -> locals.put(local(op), stack.pop());
                case 0x22 -> {
                    var value = stack.pop();
                    locals.put(local(op), value);
                    stack.push(value);
                }
                default -> instructions.run(op);
            }
            return null;
        }

        private static Frame label(Op op) {
            return ((Immediate.Label) op.immediates().getFirst()).target();
        }

        private static Entity.Local local(Op op) {
            return (Entity.Local) ModelInstructions.entity(op, 0);
        }

        private static Entity.Function callee(Op op) {
            return (Entity.Function) ModelInstructions.entity(op, 0);
        }

        private Frame tailCall(Entity.Function callee) {
            tailCall = new TailCall(callee, stack.pop(callee.signature.params().size()));
            return function;
        }
    }
}
