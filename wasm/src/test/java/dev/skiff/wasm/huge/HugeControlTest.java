package dev.skiff.wasm.huge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.skiff.wasm.Catch;
import dev.skiff.wasm.Engine;
import dev.skiff.wasm.FuncBuilder;
import dev.skiff.wasm.Guest;
import dev.skiff.wasm.HeapType;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.ModuleBuilder;
import dev.skiff.wasm.Signature;
import dev.skiff.wasm.Store;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import dev.skiff.wasm.WasmException;
import dev.skiff.wasm.internal.binary.Op;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Control flow into, out of and within functions of many methods: exceptions, traps, returns, tail calls, stops. */
class HugeControlTest {
    /** Enough places in a function to be in many of its methods. */
    private static final int PLACES = 2_000;

    private static final int[] SOME_PLACES = {0, 1, 2, 77, 500, 999, 1_500, 1_998, 1_999};
    /** Instructions between two places. */
    private static final int WORK = 12;

    @ParameterizedTest
    @EnumSource
    void anExceptionFromAnywhereIsCaughtAroundAllOfIt(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int tag = module.tag("i32 i64 externref");
        FuncBuilder thrower = module.func("i32 i64 externref");
        thrower.get(0).get(1).get(2).throwing(tag);
        FuncBuilder code = module.func("i32 externref -> i32 i64 externref i64").export("run");
        int state = code.local("i64");
        code.i64(1_000_000).block("-> i32 i64 externref").tryTable("", Catch.tag(tag, 0));
        for (int place = 0; place < PLACES; place++) {
            work(code, state, place);
            code.get(0).i32(place).op(Op.I32_EQ).when("").get(0).get(state).get(1);
            if (place % 2 == 0) {
                code.throwing(tag);
            } else {
                code.call(thrower);
            }
            code.end();
        }
        code.end().i32(-1).get(state).get(1).end();
        int exception = code.local("i32");
        int payload = code.local("i64");
        int object = code.local("externref");
        code.set(object).set(payload).set(exception);
        code.get(state).op(Op.I64_ADD).set(state);
        code.get(exception).get(payload).get(object).get(state);
        try (Guest guest = Guest.start(kind, module)) {
            for (int place : SOME_PLACES) {
                long expected = worked(place + 1);
                assertThat(guest.instance().call("run", place, "object"))
                        .as("thrown at %d", place)
                        .containsExactly(place, expected, "object", expected + 1_000_000);
            }
            long all = worked(PLACES);
            assertThat(guest.instance().call("run", -7, null)).containsExactly(-1, all, null, all + 1_000_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void nestedHandlersCatchWhatIsTheirs(MemoryKind kind) {
        int depth = 200;
        ModuleBuilder module = new ModuleBuilder();
        int[] tags = new int[depth];
        for (int i = 0; i < depth; i++) {
            tags[i] = module.tag("i32");
        }
        FuncBuilder code = module.func("i32 i32 -> i64").export("run");
        int state = code.local("i64");
        for (int i = 0; i < depth; i++) {
            code.block("-> i32").tryTable("", Catch.tag(tags[i], 0));
            work(code, state, i);
        }
        for (int i = 0; i < depth; i++) {
            code.block("");
        }
        code.get(0);
        int[] labels = new int[depth];
        for (int i = 0; i < depth; i++) {
            labels[i] = i;
        }
        code.brTable(labels);
        for (int i = 0; i < depth; i++) {
            code.end().i32(i).throwing(tags[i]);
        }
        for (int i = depth - 1; i >= 0; i--) {
            code.end().i32(-1).end();
            code.op(Op.I64_EXTEND_I32_S).get(state).op(Op.I64_ADD).set(state);
            for (int j = 0; j < 30; j++) {
                work(code, state, i + j);
            }
            code.get(1).when("").get(1).i32(1).op(Op.I32_SUB).set(1).end();
        }
        code.get(state);
        try (Guest guest = Guest.start(kind, module)) {
            for (int thrown : new int[] {0, 1, 50, 199}) {
                long expected = 0;
                for (int i = 0; i < depth; i++) {
                    expected = worked(expected, i);
                }
                for (int i = thrown; i >= 0; i--) {
                    expected += i == thrown ? thrown : -1;
                    for (int j = 0; j < 30; j++) {
                        expected = worked(expected, i + j);
                    }
                }
                assertThat(guest.call("run", thrown, 5)).as("tag %d", thrown).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anExceptionThatIsNotCaughtLeavesAllOfIt(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int caught = module.tag("");
        int loose = module.tag("i64");
        FuncBuilder code = module.func("i32").export("run");
        int state = code.local("i64");
        code.block("").tryTable("", Catch.tag(caught, 0));
        for (int place = 0; place < PLACES; place++) {
            work(code, state, place);
            code.get(0)
                    .i32(place)
                    .op(Op.I32_EQ)
                    .when("")
                    .get(state)
                    .throwing(loose)
                    .end();
        }
        code.end().end();
        try (Guest guest = Guest.start(kind, module)) {
            for (int place : SOME_PLACES) {
                assertThatExceptionOfType(WasmException.class)
                        .isThrownBy(() -> guest.run("run", place))
                        .satisfies(e -> assertThat(e.payload()).containsExactly(worked(place + 1)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void caughtReferencesLiveInLocalsAndAreThrownAgain(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int tag = module.tag("i64");
        FuncBuilder code = module.func("i32 -> i64").export("run");
        int state = code.local("i64");
        int kept = code.local("exnref");
        code.block("-> i64 exnref").tryTable("", Catch.tagRef(tag, 0));
        code.i64(123).throwing(tag).end().op(Op.UNREACHABLE).end().set(kept).op(Op.DROP);
        code.block("-> i64").tryTable("", Catch.tag(tag, 0));
        for (int place = 0; place < PLACES; place++) {
            work(code, state, place);
            code.get(0)
                    .i32(place)
                    .op(Op.I32_EQ)
                    .when("")
                    .get(kept)
                    .op(Op.THROW_REF)
                    .end();
        }
        code.end().i64(-1).end().get(state).op(Op.I64_ADD);
        try (Guest guest = Guest.start(kind, module)) {
            for (int place : SOME_PLACES) {
                assertThat(guest.call("run", place)).isEqualTo(123 + worked(place + 1));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTrapAnywhereKnowsItsPlace(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        module.memory(ModuleBuilder.from(1));
        FuncBuilder callee = module.func("i32").named("callee");
        callee.mark("in callee").op(Op.UNREACHABLE);
        FuncBuilder code = module.func("i32 -> i64").named("huge").export("run");
        int state = code.local("i64");
        for (int place = 0; place < PLACES; place++) {
            work(code, state, place);
            code.get(0).i32(place).op(Op.I32_EQ).when("");
            switch (place % 4) {
                case 0 -> {
                    code.get(state).i64(0);
                    code.mark("place " + place).op(Op.I64_DIV_U).set(state);
                }
                case 1 -> {
                    code.i32(-1);
                    code.mark("place " + place).mem(Op.I64_LOAD, 16).set(state);
                }
                case 2 -> code.mark("place " + place).op(Op.UNREACHABLE);
                default -> {
                    code.get(0);
                    code.mark("place " + place).call(callee);
                }
            }
            code.end();
        }
        code.get(state);
        TrapCode[] codes = {
            TrapCode.INTEGER_DIVIDE_BY_ZERO, TrapCode.MEMORY_OUT_OF_BOUNDS, TrapCode.UNREACHABLE, TrapCode.UNREACHABLE
        };
        try (Guest guest = Guest.start(kind, module)) {
            for (int place : SOME_PLACES) {
                Trap trap = catchThrowableOfType(Trap.class, () -> guest.run("run", place));
                assertThat(trap).as("trap at %d", place).isNotNull();
                assertThat(trap.code()).isEqualTo(codes[place % 4]);
                assertThat(trap.backtrace()).hasSize(place % 4 == 3 ? 2 : 1);
                assertThat(trap.backtrace().getLast().offset())
                        .as("offset of place %d", place)
                        .isEqualTo(module.offsetOf("place " + place));
                assertThat(trap.backtrace().getLast().functionName()).hasValue("huge");
            }
            assertThat(guest.call("run", -1)).isEqualTo(worked(PLACES));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReturnFromAnywhereGivesAllResults(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 -> i64 f32 i32 externref f64").export("run");
        int state = code.local("i64");
        code.i64(5).f64(6);
        for (int place = 0; place < PLACES; place++) {
            work(code, state, place);
            code.get(0).i32(place).op(Op.I32_EQ).when("");
            code.get(state).f32(place).i32(place).refNull(HeapType.EXTERN).f64(place);
            switch (place % 3) {
                case 0 -> code.ret();
                case 1 -> code.br(1);
                default -> code.i32(0).brTable(1, 1);
            }
            code.end();
        }
        code.op(Op.DROP).op(Op.DROP);
        code.get(state).f32(-1).i32(-1).refNull(HeapType.EXTERN).f64(-1);
        try (Guest guest = Guest.start(kind, module)) {
            for (int place : SOME_PLACES) {
                assertThat(guest.instance().call("run", place))
                        .containsExactly(worked(place + 1), (float) place, place, null, (double) place);
            }
            assertThat(guest.instance().call("run", -1)).containsExactly(worked(PLACES), -1f, -1, null, -1.0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void branchesOutOfAndBackIntoLoopsFromAnywhereKeepTheState(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 i32 -> i64 i32").export("run");
        int state = code.local("i64");
        int turns = code.local("i32");
        code.block("").loop("");
        code.get(turns).i32(1).op(Op.I32_ADD).set(turns);
        code.get(turns).get(1).op(Op.I32_GT_U).brIf(1);
        for (int place = 0; place < PLACES; place++) {
            work(code, state, place);
            code.get(0).i32(place).op(Op.I32_EQ).brIf(0);
        }
        code.end().end().get(state).get(turns);
        try (Guest guest = Guest.start(kind, module)) {
            for (int place : SOME_PLACES) {
                long expected = 0;
                for (int turn = 0; turn < 9; turn++) {
                    for (int i = 0; i <= place; i++) {
                        expected = worked(expected, i);
                    }
                }
                assertThat(guest.instance().call("run", place, 9)).containsExactly(expected, 10);
            }
            assertThat(guest.instance().call("run", -1, 9)).containsExactly(worked(PLACES), 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRecursionKeepsTheLocalsOfEachLevel(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 -> i64").export("run");
        int locals = 600;
        int first = code.local("i64");
        for (int i = 1; i < locals; i++) {
            code.local(i % 2 == 0 ? "i64" : "f64");
        }
        for (int i = 0; i < locals; i += 2) {
            code.get(0).op(Op.I64_EXTEND_I32_S).i64(i).op(Op.I64_MUL).set(first + i);
            code.get(0).op(Op.F64_CONVERT_I32_S).f64(i).op(Op.F64_ADD).set(first + i + 1);
        }
        int below = code.local("i64");
        for (int half = 0; half < 2; half++) {
            code.get(0)
                    .when("")
                    .get(0)
                    .i32(1)
                    .op(Op.I32_SUB)
                    .call(code)
                    .get(below)
                    .op(Op.I64_ADD)
                    .set(below)
                    .end();
            for (int i = 0; i < 1_000; i++) {
                code.get(below).i64(1).op(Op.I64_ROTL).set(below);
            }
        }
        code.get(below);
        for (int i = 0; i < locals; i += 2) {
            code.get(first + i)
                    .op(Op.I64_ADD)
                    .get(first + i + 1)
                    .op(Op.I64_TRUNC_F64_S)
                    .op(Op.I64_ADD);
        }
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("run", 8)).isEqualTo(recursion(8, locals));
        }
    }

    private static long recursion(int n, int locals) {
        long below = 0;
        for (int half = 0; half < 2; half++) {
            if (n != 0) {
                below += recursion(n - 1, locals);
            }
            below = Long.rotateLeft(below, 1_000 % 64);
        }
        for (int i = 0; i < locals; i += 2) {
            below += (long) n * i + n + i;
        }
        return below;
    }

    @ParameterizedTest
    @EnumSource
    void theHostMayCallItAgainWhileItRuns(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int again = module.importFunc("host", "again", "i32 -> i64");
        FuncBuilder code = module.func("i32 -> i64").export("run");
        int state = code.local("i64");
        for (int place = 0; place < PLACES; place++) {
            work(code, state, place);
            if (place % 500 == 250) {
                code.get(0)
                        .when("")
                        .get(0)
                        .i32(1)
                        .op(Op.I32_SUB)
                        .call(again)
                        .get(state)
                        .op(Op.I64_XOR);
                code.set(state).end();
            }
        }
        code.get(state);
        Linker linker = new Linker()
                .func("host", "again", Signature.of("i32 -> i64"), (caller, args) -> caller.call("run", args));
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.call("run", 4)).isEqualTo(reentrant(4));
        }
    }

    private static long reentrant(int n) {
        long state = 0;
        for (int place = 0; place < PLACES; place++) {
            state = worked(state, place);
            if (place % 500 == 250 && n > 0) {
                state ^= reentrant(n - 1);
            }
        }
        return state;
    }

    @ParameterizedTest
    @EnumSource
    void hugeFunctionsTailCallEachOtherFromAnywhereWithoutEnd(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int table = module.table("funcref", ModuleBuilder.from(2));
        FuncBuilder a = module.func("i32 i32 i64 -> i64").export("run");
        FuncBuilder b = module.func("i32 i32 i64 -> i64");
        module.elements(table, 0, a, b);
        for (FuncBuilder code : List.of(a, b)) {
            FuncBuilder other = code == a ? b : a;
            code.get(0).op(Op.I32_EQZ).when("").get(2).ret().end();
            for (int place = 0; place < PLACES; place++) {
                code.get(2).i64(place).op(Op.I64_ADD).set(2);
                code.get(1).i32(place).op(Op.I32_EQ).when("");
                code.get(0).i32(1).op(Op.I32_SUB).get(1).i32(1).op(Op.I32_XOR).get(2);
                if (place % 2 == 0) {
                    code.returnCall(other);
                } else {
                    code.i32(code == a ? 1 : 0).returnCallIndirect("i32 i32 i64 -> i64", table);
                }
                code.end();
            }
            code.op(Op.UNREACHABLE);
        }
        try (Guest guest = Guest.start(kind, module)) {
            for (int place : new int[] {2, 100, 1_234, 1_998}) {
                int calls = 20_000;
                long perPair = sum(place) + sum(place + 1);
                assertThat(guest.call("run", calls, place, 0L)).isEqualTo(calls / 2 * perPair);
            }
        }
    }

    private static long sum(long place) {
        return place * (place + 1) / 2;
    }

    @ParameterizedTest
    @EnumSource
    void anEndlessLoopOverAllOfItIsStopped(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("").export("run");
        int state = code.local("i64");
        code.loop("");
        for (int place = 0; place < PLACES; place++) {
            work(code, state, place);
        }
        code.br(0).end();
        try (Guest guest = Guest.start(kind, module, Limits.DEFAULT.withTimeout(Duration.ofMillis(300)))) {
            assertThatExceptionOfType(Trap.class)
                    .isThrownBy(() -> guest.run("run"))
                    .extracting(Trap::code)
                    .isEqualTo(TrapCode.DEADLINE_EXCEEDED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRecursionThatIsTooDeepIsATrapAgainAndAgain(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 -> i64").export("run");
        int state = code.local("i64");
        for (int place = 0; place < PLACES; place++) {
            work(code, state, place);
            if (place % 400 == 200) {
                code.get(0).when("").get(0).call(code).set(state).end();
            }
        }
        code.get(state);
        try (Guest guest = Guest.start(kind, module)) {
            for (int i = 0; i < 20; i++) {
                guest.store().runOnGuestThread(() -> {
                    assertThatExceptionOfType(Trap.class)
                            .isThrownBy(() -> guest.run("run", 1))
                            .extracting(Trap::code)
                            .isEqualTo(TrapCode.CALL_STACK_EXHAUSTED);
                    assertThat(guest.call("run", 0)).isEqualTo(worked(PLACES));
                    return null;
                });
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void fuelIsProportionalToItsLengthAcrossTheBoundariesOfMethods(MemoryKind kind) {
        long hundred = fuel(kind, 200) - fuel(kind, 100);
        for (int hundreds : new int[] {3, 5, 10, 40, 100, 200}) {
            assertThat(fuel(kind, hundreds * 100) - fuel(kind, 100))
                    .as("%d00 places", hundreds)
                    .isEqualTo(hundred * (hundreds - 1));
        }
    }

    private static long fuel(MemoryKind kind, int places) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 -> i64").export("run");
        int state = code.local("i64");
        for (int place = 0; place < places; place++) {
            work(code, state, place);
            code.get(0).when("").op(Op.NOP).end();
        }
        code.get(state);
        long plenty = 1L << 40;
        try (Guest guest = Guest.start(kind, module, Limits.DEFAULT.withFuel(plenty))) {
            guest.run("run", 0);
            return plenty - guest.store().fuelLeft().orElseThrow();
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyThreadsRunItAtOnceEachInItsOwnStore(MemoryKind kind) throws Exception {
        ModuleBuilder builder = new ModuleBuilder();
        FuncBuilder code = builder.func("i64 i32 -> i64").export("run");
        int locals = 300;
        int first = code.local("i64");
        for (int i = 1; i < locals; i++) {
            code.local("i64");
        }
        code.get(0).set(first).loop("");
        for (int round = 0; round < 20; round++) {
            for (int i = 1; i < locals; i++) {
                code.get(first + i - 1).i64(round).op(Op.I64_ADD).i64(11).op(Op.I64_ROTL);
                code.get(first + i).op(Op.I64_XOR).set(first + i);
            }
            code.get(first + locals - 1).set(first);
        }
        code.get(1).i32(1).op(Op.I32_SUB).tee(1).brIf(0).end().get(first);
        Engine engine = Guest.engine(kind);
        Module module = engine.compile(builder.build());
        List<Future<Object>> results = new ArrayList<>();
        int threads = 16;
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            for (int thread = 0; thread < threads; thread++) {
                long seed = thread * 1_000_003L;
                results.add(executor.submit(() -> {
                    try (Store store = new Store(engine, Limits.DEFAULT)) {
                        Instance instance = new Linker().instantiate(store, module);
                        return instance.call("run", seed, 50)[0];
                    }
                }));
            }
            for (int thread = 0; thread < threads; thread++) {
                assertThat(results.get(thread).get()).isEqualTo(mixed(thread * 1_000_003L, locals));
            }
        }
    }

    private static long mixed(long seed, int locals) {
        long[] values = new long[locals];
        values[0] = seed;
        for (int turn = 0; turn < 50; turn++) {
            for (int round = 0; round < 20; round++) {
                for (int i = 1; i < locals; i++) {
                    values[i] ^= Long.rotateLeft(values[i - 1] + round, 11);
                }
                values[0] = values[locals - 1];
            }
        }
        return values[0];
    }

    /** A dozen instructions that change the state in a way that depends on the place. */
    private static void work(FuncBuilder code, int state, int place) {
        for (int i = 0; i < WORK / 6; i++) {
            code.get(state)
                    .i64(place + i * 7L)
                    .op(Op.I64_ADD)
                    .i64(13)
                    .op(Op.I64_ROTL)
                    .set(state);
        }
    }

    private static long worked(long state, int place) {
        long value = state;
        for (int i = 0; i < WORK / 6; i++) {
            value = Long.rotateLeft(value + place + i * 7L, 13);
        }
        return value;
    }

    /** The state after the first places. */
    private static long worked(int places) {
        long state = 0;
        for (int place = 0; place < places; place++) {
            state = worked(state, place);
        }
        return state;
    }
}
