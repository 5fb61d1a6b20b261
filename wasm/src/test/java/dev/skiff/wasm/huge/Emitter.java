package dev.skiff.wasm.huge;

import dev.skiff.wasm.Catch;
import dev.skiff.wasm.Code;
import dev.skiff.wasm.FuncBuilder;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.HeapType;
import dev.skiff.wasm.ModuleBuilder;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.RefType;
import dev.skiff.wasm.ValType;
import dev.skiff.wasm.internal.binary.Op;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.Map;

/** Writes a {@link Program} as a module that exports it as {@code run}, with its globals and its memory. */
final class Emitter {
    private final ModuleBuilder module = new ModuleBuilder();
    private final Map<Helper, Integer> helpers = new EnumMap<>(Helper.class);
    private final Map<Node, String> marks = new IdentityHashMap<>();
    private final FuncBuilder run;
    private final byte[] binary;

    Emitter(Program program) {
        helpers.put(Helper.HOST, module.importFunc("host", "sum", Helper.HOST.type()));
        module.exportMemory("memory", module.memory(ModuleBuilder.from(1)));
        module.tag("i32 i64");
        module.tag("");
        for (int i = 0; i < Program.GLOBALS.size(); i++) {
            ValType type = Program.GLOBALS.get(i);
            module.exportGlobal(
                    "g" + i, module.global(type.toString(), true, code -> constant(code, type, zero(type))));
        }
        run = module.func(Program.TYPE).export("run");
        addHelpers();
        program.locals().forEach(run::local);
        program.body().forEach(this::emit);
        binary = module.build();
    }

    byte[] binary() {
        return binary;
    }

    /** Where an instruction that can trap is in the binary. */
    long offsetOf(Node node) {
        return module.offsetOf(marks.get(node));
    }

    private void addHelpers() {
        FuncBuilder rotate = module.func(Helper.ROTATE.type());
        rotate.get(3).get(0).i32(1).op(Op.I32_ADD).get(2).get(1);
        FuncBuilder maybeThrow = module.func(Helper.MAYBE_THROW.type());
        maybeThrow
                .get(0)
                .i32(127)
                .op(Op.I32_AND)
                .i32(3)
                .op(Op.I32_EQ)
                .when("")
                .get(0)
                .i64(77)
                .throwing(0)
                .end();
        maybeThrow
                .get(0)
                .i32(127)
                .op(Op.I32_AND)
                .i32(5)
                .op(Op.I32_EQ)
                .when("")
                .throwing(1)
                .end();
        maybeThrow.get(0).i32(1).op(Op.I32_ADD);
        FuncBuilder host = module.func(Helper.HOST.type());
        host.get(0).get(1).call(helpers.get(Helper.HOST));
        FuncBuilder same = module.func(Helper.SAME.type());
        same.get(0);
        helpers.put(Helper.ROTATE, rotate.index());
        helpers.put(Helper.MAYBE_THROW, maybeThrow.index());
        helpers.put(Helper.SAME, same.index());
        int table = module.table("funcref", ModuleBuilder.from(Helper.values().length));
        module.elements(table, 0, rotate, maybeThrow, host, same);
    }

    private void emit(Node node) {
        switch (node) {
            case Node.Const(ValType type, Object value) -> constant(run, type, value);
            case Node.Num(Numeric numeric) -> {
                if (Numeric.TRAPPING.contains(numeric)) {
                    mark(node);
                }
                run.op(numeric.op());
            }
            case Node.Get(int local) -> run.get(local);
            case Node.Set(int local) -> run.set(local);
            case Node.Tee(int local) -> run.tee(local);
            case Node.GlobalGet(int global) -> run.globalGet(global);
            case Node.GlobalSet(int global) -> run.globalSet(global);
            case Node.Drop drop -> run.op(Op.DROP);
            case Node.Select(ValType type) -> {
                if (type instanceof NumType) {
                    run.op(Op.SELECT);
                } else {
                    run.select(type.toString());
                }
            }
            case Node.IsNull isNull -> run.op(Op.REF_IS_NULL);
            case Node.Load(ValType type, int offset) ->
                run.mem(type == NumType.I32 ? Op.I32_LOAD : Op.I64_LOAD, offset);
            case Node.Store(ValType type, int offset) ->
                run.mem(type == NumType.I32 ? Op.I32_STORE : Op.I64_STORE, offset);
            case Node.Unreachable unreachable -> {
                mark(node);
                run.op(Op.UNREACHABLE);
            }
            case Node.Br(int label) -> run.br(label);
            case Node.BrIf(int label) -> run.brIf(label);
            case Node.BrTable table ->
                run.brTable(table.labels().stream().mapToInt(label -> label).toArray());
            case Node.Return ret -> run.ret();
            case Node.CallHelper(Helper helper, boolean indirect) -> {
                if (indirect) {
                    run.i32(helper.ordinal()).op(Op.CALL_INDIRECT, module.type(helper.type()), 0);
                } else {
                    run.call(helpers.get(helper));
                }
            }
            case Node.CallSelf(boolean tail) -> {
                if (tail) {
                    run.returnCall(run);
                } else {
                    run.call(run);
                }
            }
            case Node.Throw(int tag) -> run.throwing(tag);
            case Node.ThrowRef throwRef -> {
                mark(node);
                run.op(Op.THROW_REF);
            }
            case Node.Block block -> {
                run.block(text(block.type()));
                block.body().forEach(this::emit);
                run.end();
            }
            case Node.Loop loop -> {
                run.loop(text(loop.type()));
                loop.body().forEach(this::emit);
                run.end();
            }
            case Node.If when -> {
                run.when(text(when.type()));
                when.then().forEach(this::emit);
                if (!when.otherwise().isEmpty()) {
                    run.otherwise();
                    when.otherwise().forEach(this::emit);
                }
                run.end();
            }
            case Node.TryTable tryTable -> {
                Catch[] clauses = tryTable.clauses().stream()
                        .map(clause -> new Catch(clause.tag(), clause.ref(), clause.label()))
                        .toArray(Catch[]::new);
                run.tryTable(text(tryTable.type()), clauses);
                tryTable.body().forEach(this::emit);
                run.end();
            }
        }
    }

    private void mark(Node node) {
        String label = "node " + marks.size();
        marks.put(node, label);
        run.mark(label);
    }

    private static String text(FuncType type) {
        return type.toString().replaceAll("[(),]", " ");
    }

    private static Object zero(ValType type) {
        return switch (type) {
            case NumType.I32 -> 0;
            case NumType.I64 -> 0L;
            case NumType.F32 -> 0f;
            case NumType.F64 -> 0.0;
            case RefType ref -> new Object();
        };
    }

    private static void constant(Code code, ValType type, Object value) {
        switch (type) {
            case NumType.I32 -> code.i32((Integer) value);
            case NumType.I64 -> code.i64((Long) value);
            case NumType.F32 -> code.f32((Float) value);
            case NumType.F64 -> code.f64((Double) value);
            case RefType ref -> code.refNull(HeapType.EXTERN);
        }
    }
}
