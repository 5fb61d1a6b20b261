package dev.skiff.wasm.huge;

import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.RefType;
import dev.skiff.wasm.ValType;
import dev.skiff.wasm.internal.binary.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;

/** Generates valid {@link Program}s at random: the same profile and seed give the same program. */
final class ProgramGenerator {
    private static final List<ValType> ONLY_I32 = List.of(NumType.I32);
    private static final List<ValType> TAG_0 = List.of(NumType.I32, NumType.I64);
    /** How often, out of 65,536, a block is left by a branch. */
    private static final int SOMETIMES = 1_500;

    private static final ValType[] TYPES = {
        NumType.I32, NumType.I32, NumType.I64, NumType.I64, NumType.F32, NumType.F64, RefType.EXTERNREF
    };

    private final Profile profile;
    private final Random random;
    private final List<ValType> locals = new ArrayList<>(Program.TYPE.params());
    private final Map<ValType, List<Integer>> localsOfType = new HashMap<>();
    private final List<List<ValType>> labels = new ArrayList<>();
    private int instructions;
    private int tries;
    private int loops;
    private int selfCalls;

    private ProgramGenerator(Profile profile, long seed) {
        this.profile = profile;
        random = new Random(seed);
        locals.addAll(List.of(RefType.EXNREF, RefType.EXNREF, RefType.EXTERNREF, NumType.F32));
        for (int i = 4; i < profile.locals(); i++) {
            locals.add(pick(TYPES));
        }
        for (int i = 0; i < locals.size(); i++) {
            localsOfType
                    .computeIfAbsent(locals.get(i), type -> new ArrayList<>())
                    .add(i);
        }
    }

    static Program generate(Profile profile, long seed) {
        ProgramGenerator generator = new ProgramGenerator(profile, seed);
        List<ValType> results = Program.TYPE.results();
        generator.labels.add(results);
        Sequence body = generator.new Sequence(List.of());
        body.checkGas(results, new Node.Return());
        body.fill(profile.instructions());
        body.shape(results);
        List<ValType> declared = generator.locals.subList(Program.TYPE.params().size(), generator.locals.size());
        return new Program(List.copyOf(declared), body.nodes, generator.instructions);
    }

    private boolean chance(int outOfThousand) {
        return random.nextInt(1_000) < outOfThousand;
    }

    private <T> T pick(T[] choices) {
        return choices[random.nextInt(choices.length)];
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private List<ValType> someTypes() {
        return IntStream.range(0, random.nextInt(profile.arity() + 1))
                .<ValType>mapToObj(i -> chance(20) ? RefType.EXNREF : pick(TYPES))
                .toList();
    }

    private Object constant(ValType type) {
        return switch (type) {
            case NumType.I32 -> random.nextBoolean() ? random.nextInt(64) : random.nextInt();
            case NumType.I64 -> random.nextBoolean() ? random.nextInt(64) : random.nextLong();
            case NumType.F32 -> random.nextInt(1_000) / 8f - 20;
            case NumType.F64 -> random.nextInt(1_000) / 16.0 - 20;
            case RefType ref -> null;
        };
    }

    /** Instructions that follow each other in a block, and the types of the values that they leave on the stack. */
    private final class Sequence {
        private final List<Node> nodes = new ArrayList<>();
        private final List<ValType> stack;

        Sequence(List<ValType> params) {
            stack = new ArrayList<>(params);
        }

        private void add(Node node) {
            nodes.add(node);
            instructions++;
        }

        /** Adds about so many instructions, those in nested blocks counted. */
        void fill(int count) {
            int end = instructions + count;
            while (instructions < end) {
                if (labels.size() < profile.nesting() && chance(profile.blocks())) {
                    int left = Math.max(1, end - instructions);
                    int most = Math.max(1, (int) ((long) left * profile.share() / 100));
                    nest(profile.share() > 90 ? most : 1 + random.nextInt(most));
                } else if (chance(40)) {
                    jump();
                } else if (chance(30)) {
                    call();
                } else {
                    plain();
                }
            }
        }

        private void plain() {
            boolean high = stack.size() > random.nextInt(2 * profile.height() + 1);
            switch (random.nextInt(10)) {
                case 0, 1 -> {
                    if (high) {
                        takeAway();
                    } else {
                        push(pick(TYPES));
                    }
                }
                case 2 -> load();
                case 3 -> store();
                case 4 -> select();
                case 5 -> trapping();
                default -> compute(pick(Numeric.TOTAL));
            }
        }

        private void compute(Numeric numeric) {
            ensure(numeric.params());
            add(new Node.Num(numeric));
            replace(numeric.params().size(), List.of(numeric.result()));
        }

        private void compute(int op) {
            compute(Numeric.TOTAL.stream()
                    .filter(numeric -> numeric.op() == op)
                    .findFirst()
                    .orElseThrow());
        }

        private void trapping() {
            Numeric numeric = pick(Numeric.TRAPPING);
            boolean guarded = random.nextInt(profile.instructions()) > 3;
            if (guarded && numeric.params().size() == 1) {
                return;
            }
            ensure(numeric.params());
            if (guarded) {
                boolean wide = numeric.result() == NumType.I64;
                constant(wide ? NumType.I64 : NumType.I32, wide ? (Object) 1L : (Object) 1);
                compute(wide ? Op.I64_OR : Op.I32_OR);
            }
            add(new Node.Num(numeric));
            replace(numeric.params().size(), List.of(numeric.result()));
            if (chance(5)) {
                push(NumType.I32);
                condition(seldom());
                when(List.of(), List.of(new Node.Unreachable()));
            }
        }

        private void constant(ValType type, Object value) {
            add(new Node.Const(type, value));
            stack.add(type);
        }

        private void push(ValType type) {
            int global = Program.GLOBALS.lastIndexOf(type);
            if (chance(250) && type instanceof NumType || !localsOfType.containsKey(type)) {
                constant(type, ProgramGenerator.this.constant(type));
            } else if (chance(150) && global > 0) {
                add(new Node.GlobalGet(global));
                stack.add(type);
            } else {
                add(new Node.Get(pick(localsOfType.get(type))));
                stack.add(type);
            }
        }

        /** Takes the top value away: into a local, a global or nowhere. */
        private void takeAway() {
            if (stack.isEmpty()) {
                return;
            }
            ValType type = stack.getLast();
            int global = Program.GLOBALS.lastIndexOf(type);
            if (chance(100)) {
                add(new Node.Drop());
            } else if (chance(150) && global > 0) {
                add(new Node.GlobalSet(global));
            } else if (localsOfType.containsKey(type)) {
                add(new Node.Set(pick(localsOfType.get(type))));
            } else {
                add(new Node.Drop());
            }
            stack.removeLast();
        }

        private void address() {
            ensure(ONLY_I32);
            constant(NumType.I32, Program.MEMORY - 1);
            compute(Op.I32_AND);
        }

        private void load() {
            address();
            NumType type = random.nextBoolean() ? NumType.I32 : NumType.I64;
            add(new Node.Load(type, random.nextInt(56)));
            replace(1, List.of(type));
        }

        private void store() {
            address();
            NumType type = random.nextBoolean() ? NumType.I32 : NumType.I64;
            push(type);
            add(new Node.Store(type, random.nextInt(56)));
            replace(2, List.of());
        }

        private void select() {
            ValType type = pick(TYPES);
            ensure(List.of(type, type));
            push(NumType.I32);
            add(new Node.Select(type));
            replace(3, List.of(type));
            if (type == RefType.EXTERNREF && random.nextBoolean()) {
                add(new Node.IsNull());
                replace(1, ONLY_I32);
            }
        }

        private void call() {
            if (chance(10) && selfCalls < 6) {
                selfCalls++;
                ensure(Program.TYPE.params());
                add(new Node.CallSelf(false));
                replace(Program.TYPE.params().size(), Program.TYPE.results());
                return;
            }
            Helper helper = pick(Helper.values());
            if (helper == Helper.MAYBE_THROW && tries == 0) {
                return;
            }
            ensure(helper.type().params());
            add(new Node.CallHelper(helper, random.nextBoolean()));
            replace(helper.type().params().size(), helper.type().results());
        }

        /** Turns an i32 into a number below 2^bits that depends on all its bits. */
        private void hash(int bits) {
            constant(NumType.I32, random.nextInt());
            compute(Op.I32_XOR);
            constant(NumType.I32, 0x9E37_79B1);
            compute(Op.I32_MUL);
            constant(NumType.I32, 32 - bits);
            compute(Op.I32_SHR_U);
        }

        /** Turns an i32 into 1 so often out of 65,536, else 0. */
        private void condition(int likelihood) {
            hash(16);
            constant(NumType.I32, likelihood);
            compute(Op.I32_LT_U);
        }

        /** Leaves the sequence on a condition. */
        private void jump() {
            int label = nearLabel();
            int likelihood = label == labels.size() - 1 ? seldom() : SOMETIMES;
            List<ValType> types = labels.get(labels.size() - 1 - label);
            switch (random.nextInt(7)) {
                case 0, 1 -> {
                    ensure(types);
                    push(NumType.I32);
                    condition(likelihood);
                    add(new Node.BrIf(label));
                    stack.removeLast();
                }
                case 2 -> when(likelihood, types, new Node.Br(label + 1));
                case 3 -> table(types, label);
                case 4 -> {
                    boolean tail = chance(100) && selfCalls < 6;
                    selfCalls += tail ? 1 : 0;
                    if (tail) {
                        when(seldom(), Program.TYPE.params(), new Node.CallSelf(true));
                    } else {
                        when(seldom(), Program.TYPE.results(), new Node.Return());
                    }
                }
                case 5 -> {
                    boolean first = random.nextBoolean();
                    when(tries > 0 ? SOMETIMES : seldom(), first ? TAG_0 : List.of(), new Node.Throw(first ? 0 : 1));
                }
                default -> {
                    if (tries > 0) {
                        int local = pick(localsOfType.get(RefType.EXNREF));
                        add(new Node.Get(local));
                        add(new Node.IsNull());
                        stack.add(NumType.I32);
                        compute(Op.I32_EQZ);
                        when(List.of(), List.of(new Node.Get(local), new Node.ThrowRef()));
                    }
                }
            }
        }

        /** A label, most often of a block nearby. */
        private int nearLabel() {
            int label = 0;
            while (label < labels.size() - 1 && random.nextInt(3) != 0) {
                label++;
            }
            return label;
        }

        /** How often a condition holds that leaves the whole function. */
        private int seldom() {
            return 1 + 200_000 / profile.instructions();
        }

        /** An {@code if} whose body pushes values and ends with an instruction after which nothing follows. */
        private void when(int likelihood, List<ValType> types, Node last) {
            push(NumType.I32);
            condition(likelihood);
            labels.add(List.of());
            Sequence body = new Sequence(List.of());
            if (chance(300)) {
                body.push(pick(TYPES));
            }
            body.ensure(types);
            body.add(last);
            body.deadCode();
            labels.removeLast();
            when(List.of(), body.nodes);
        }

        private void when(List<ValType> results, List<Node> then) {
            add(new Node.If(new FuncType(List.of(), results), then, List.of()));
            replace(1, results);
        }

        private void deadCode() {
            if (chance(200)) {
                add(new Node.Drop());
                add(new Node.Num(pick(Numeric.TOTAL)));
                add(new Node.Drop());
            }
        }

        /** A block that a {@code br_table} leaves to any label of the same types. */
        private void table(List<ValType> types, int label) {
            List<Integer> targets = new ArrayList<>(List.of(0, label + 1));
            for (int i = 0; i < labels.size(); i++) {
                if (labels.get(labels.size() - 1 - i).equals(types) && targets.size() < 30) {
                    targets.add(i + 1);
                }
            }
            List<Integer> choices = new ArrayList<>();
            for (int i = random.nextInt(40); i >= 0; i--) {
                choices.add(chance(950) ? 0 : pick(targets));
            }
            labels.add(types);
            Sequence body = new Sequence(List.of());
            body.ensure(types);
            body.push(NumType.I32);
            body.hash(5);
            body.add(new Node.BrTable(List.copyOf(choices)));
            body.deadCode();
            labels.removeLast();
            add(new Node.Block(new FuncType(List.of(), types), body.nodes));
            stack.addAll(types);
        }

        private void nest(int size) {
            int taken = random.nextInt(Math.min(stack.size(), profile.arity()) + 1);
            List<ValType> params = List.copyOf(stack.subList(stack.size() - taken, stack.size()));
            List<ValType> results = someTypes();
            FuncType type = new FuncType(params, results);
            switch (random.nextInt(profile.share() > 90 ? 7 : 8)) {
                case 0, 1 -> {
                    replace(taken, results);
                    add(new Node.Block(type, body(results, type, size)));
                }
                case 2, 3 -> {
                    replace(taken, results);
                    add(new Node.Block(type, loop(type, size)));
                }
                case 4, 5 -> {
                    push(NumType.I32);
                    condition(profile.share() > 90 ? 0xFF00 : 0x8000);
                    replace(taken + 1, results);
                    List<Node> then = body(results, type, size);
                    boolean plain = params.equals(results) && random.nextBoolean();
                    List<Node> otherwise = plain ? List.of() : body(results, type, Math.min(size, 20));
                    add(new Node.If(type, then, otherwise));
                }
                case 6 -> tryBlock(params, size);
                default -> arms(size);
            }
        }

        private List<Node> body(List<ValType> label, FuncType type, int size) {
            labels.add(label);
            Sequence body = new Sequence(type.params());
            body.fill(size);
            if (labels.size() > 3 && chance(profile.share() > 90 ? 10 : 60)) {
                int target = Math.min(nearLabel(), labels.size() - 2);
                body.ensure(labels.get(labels.size() - 1 - target));
                body.add(new Node.Br(target));
                body.deadCode();
            } else {
                body.shape(type.results());
            }
            labels.removeLast();
            return body.nodes;
        }

        /** A loop in a block, which is left when there is no gas. */
        private List<Node> loop(FuncType type, int size) {
            labels.add(type.results());
            labels.add(type.params());
            loops++;
            Sequence body = new Sequence(type.params());
            body.checkGas(type.results(), new Node.Br(2));
            body.fill(size);
            if (chance(700)) {
                body.ensure(type.params());
                body.push(NumType.I32);
                body.condition(loops < 4 ? 1 << 15 : 1 << 12);
                body.add(new Node.BrIf(0));
                body.stack.removeLast();
            }
            body.shape(type.results());
            loops--;
            labels.removeLast();
            labels.removeLast();
            instructions++;
            return List.of(new Node.Loop(type, body.nodes));
        }

        /** A {@code try_table} in a block that takes what it catches. */
        private void tryBlock(List<ValType> params, int size) {
            int kind = random.nextInt(6);
            boolean ref = kind >= 3;
            List<ValType> caught = new ArrayList<>(kind % 3 == 0 ? TAG_0 : List.of());
            if (ref) {
                caught.add(RefType.EXNREF);
            }
            List<Node.Clause> clauses = new ArrayList<>();
            OptionalInt tag = kind % 3 == 2 ? OptionalInt.empty() : OptionalInt.of(kind % 3);
            clauses.add(new Node.Clause(tag, ref, 0));
            for (int i = 0; i < Math.min(labels.size(), 5) && random.nextBoolean(); i++) {
                if (labels.get(labels.size() - 1 - i).isEmpty()) {
                    clauses.add(new Node.Clause(
                            random.nextBoolean() ? OptionalInt.of(1) : OptionalInt.empty(), false, i + 1));
                }
            }
            labels.add(caught);
            tries++;
            Sequence block = new Sequence(params);
            List<ValType> results = someTypes();
            FuncType type = new FuncType(params, results);
            List<Node> body = body(results, type, size);
            tries--;
            block.replace(params.size(), results);
            block.add(new Node.TryTable(type, List.copyOf(clauses), body));
            block.shape(caught);
            labels.removeLast();
            replace(params.size(), caught);
            add(new Node.Block(new FuncType(params, caught), block.nodes));
            if (ref) {
                add(new Node.Set(pick(localsOfType.get(RefType.EXNREF))));
                stack.removeLast();
            }
        }

        /** A {@code br_table} with arms that follow each other, some of which leave at their end. */
        private void arms(int size) {
            int count = 2 + random.nextInt(Math.clamp(size / 20, 1, 60));
            for (int i = 0; i < count; i++) {
                labels.add(List.of());
            }
            Sequence inner = new Sequence(List.of());
            inner.push(NumType.I32);
            inner.hash(6);
            inner.add(new Node.BrTable(IntStream.range(0, count).boxed().toList()));
            for (int i = 0; i < count; i++) {
                labels.removeLast();
                Sequence arm = new Sequence(List.of());
                arm.add(new Node.Block(new FuncType(List.of(), List.of()), inner.nodes));
                arm.fill(size / count);
                arm.shape(List.of());
                if (i < count - 1 && chance(600)) {
                    arm.add(new Node.Br(count - 2 - i));
                }
                inner = arm;
            }
            nodes.addAll(inner.nodes);
        }

        /** Counts the gas down; when there is none, pushes values and leaves. */
        void checkGas(List<ValType> types, Node leave) {
            add(new Node.GlobalGet(Program.GAS));
            stack.add(NumType.I32);
            constant(NumType.I32, 1);
            compute(Op.I32_SUB);
            add(new Node.GlobalSet(Program.GAS));
            stack.removeLast();
            add(new Node.GlobalGet(Program.GAS));
            stack.add(NumType.I32);
            constant(NumType.I32, 1);
            compute(Op.I32_LT_S);
            Sequence out = new Sequence(List.of());
            out.ensure(types);
            out.add(leave);
            when(List.of(), out.nodes);
        }

        /** Pushes what the top of the stack lacks to have these types. */
        void ensure(List<ValType> types) {
            int have = Math.min(types.size(), stack.size());
            while (!stack.subList(stack.size() - have, stack.size()).equals(types.subList(0, have))) {
                have--;
            }
            types.subList(have, types.size()).forEach(this::push);
        }

        /** Makes the stack have exactly these types. */
        void shape(List<ValType> types) {
            if (!stack.equals(types)) {
                while (!stack.isEmpty()) {
                    takeAway();
                }
                types.forEach(this::push);
            }
        }

        private void replace(int count, List<ValType> types) {
            stack.subList(stack.size() - count, stack.size()).clear();
            stack.addAll(types);
        }
    }
}
