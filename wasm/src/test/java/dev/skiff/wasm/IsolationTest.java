package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.skiff.wasm.internal.binary.Op;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Data of one instance are never seen in another, nor after a reset. */
class IsolationTest {
    private static final int PAGE = MemoryType.PAGE_SIZE;
    private static final byte[] IMAGE = image();

    @ParameterizedTest
    @EnumSource
    void twoInstancesOfAModuleDoNotSeeEachOthersState(MemoryKind kind) {
        Module module = Guest.compile(kind, stateful());
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Instance one = new Linker().instantiate(store, module);
            Instance two = new Linker().instantiate(store, module);

            spoil(one);

            assertFresh(two);
            assertFresh(new Linker().instantiate(store, module));
            assertThat(one.memory().getByte(3)).isEqualTo(0xAA);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theMemoryOfAClosedStoreIsCleanInTheNext(MemoryKind kind) {
        Module module = Guest.compile(kind, stateful());
        for (int i = 0; i < 50; i++) {
            try (Guest guest = Guest.start(module, Guest.engine(kind), Limits.DEFAULT, new Linker())) {
                assertFresh(guest.instance());
                spoil(guest.instance());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theMemoryOfAClosedInstanceIsCleanInTheNext(MemoryKind kind) {
        Module module = Guest.compile(kind, stateful());
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            for (int i = 0; i < 50; i++) {
                try (Instance instance = new Linker().instantiate(store, module)) {
                    assertFresh(instance);
                    spoil(instance);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theMemoryOfOneModuleIsCleanInAnInstanceOfAnother(MemoryKind kind) {
        Module module = Guest.compile(kind, stateful());
        ModuleBuilder plain = new ModuleBuilder();
        plain.exportMemory("memory", plain.memory(ModuleBuilder.from(20)));
        Module other = Guest.compile(kind, plain);
        for (int i = 0; i < 20; i++) {
            try (Guest guest = Guest.start(module, Guest.engine(kind), Limits.DEFAULT, new Linker())) {
                spoil(guest.instance());
            }
            try (Guest guest = Guest.start(other, Guest.engine(kind), Limits.DEFAULT, new Linker())) {
                Memory memory = guest.instance().memory();
                assertThat(isZero(memory.read(0, 20 * PAGE))).isTrue();
                memory.segment(0, memory.size()).fill((byte) 0x77);
            }
            try (Guest guest = Guest.start(module, Guest.engine(kind), Limits.DEFAULT, new Linker())) {
                assertFresh(guest.instance());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResetPutsTheInstanceBackToItsBeginning(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, stateful())) {
            for (int i = 0; i < 200; i++) {
                spoil(guest.instance());
                guest.instance().reset();
                assertFresh(guest.instance());
            }
            assertThat(guest.store().memoryBytes()).isEqualTo(2L * PAGE + (3 + 2) * 8);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResetAfterATrapWorks(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, stateful())) {
            spoil(guest.instance());
            assertThatExceptionOfType(Trap.class).isThrownBy(() -> guest.run("trap"));
            guest.instance().reset();
            assertFresh(guest.instance());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResetRunsTheStartFunctionAgain(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int started = module.importFunc("host", "started", "");
        FuncBuilder start = module.func("");
        start.call(started);
        module.start(start);
        int[] starts = new int[1];
        Linker linker = new Linker().func("host", "started", Signature.of(""), (caller, args) -> {
            starts[0]++;
            return new Object[0];
        });
        try (Guest guest = Guest.start(kind, module, linker)) {
            guest.instance().reset();
            guest.instance().reset();
            assertThat(starts[0]).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResetIsRefusedWhereStateIsShared(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        module.importMemory("host", "memory", ModuleBuilder.from(1));
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Memory memory = Memory.create(store, new MemoryType(ModuleBuilder.from(1)));
            Instance instance =
                    new Linker().define("host", "memory", memory).instantiate(store, Guest.compile(kind, module));
            assertThatIllegalStateException().isThrownBy(instance::reset);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClosedInstanceCannotRunNorBeReset(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, stateful())) {
            Func peek = guest.instance().func("peek").orElseThrow();
            guest.instance().close();
            guest.instance().close();
            assertThatIllegalStateException().isThrownBy(() -> guest.call("peek", 0));
            assertThatIllegalStateException().isThrownBy(() -> peek.call(0));
            assertThatIllegalStateException().isThrownBy(guest.instance()::reset);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theMemoryOfAClosedInstanceCannotBeReadAnyMore(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, stateful())) {
            Memory memory = guest.instance().memory();
            guest.instance().close();
            assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> memory.getLong(0));
            assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> memory.putByte(PAGE, 1));
            assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> memory.segment(0, 16));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFunctionOfAClosedInstanceCalledThroughATableDoesNoHarm(MemoryKind kind) {
        ModuleBuilder owner = new ModuleBuilder();
        owner.importTable("host", "table", "funcref", ModuleBuilder.from(1));
        owner.memory(ModuleBuilder.from(1));
        FuncBuilder load = owner.func("i32 -> i32");
        load.get(0).mem(Op.I32_LOAD, 0);
        owner.elements(0, 0, load);
        ModuleBuilder user = new ModuleBuilder();
        user.importTable("host", "table", "funcref", ModuleBuilder.from(1));
        user.func("i32 -> i32").export("call").get(0).i32(0).callIndirect("i32 -> i32", 0);
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Table table = Table.create(store, new TableType(RefType.FUNCREF, ModuleBuilder.from(1)), null);
            Linker linker = new Linker().define("host", "table", table);
            Instance closed = linker.instantiate(store, Guest.compile(kind, owner));
            Instance caller = linker.instantiate(store, Guest.compile(kind, user));
            assertThat(caller.call("call", 8)).containsExactly(0);

            closed.close();

            assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.call("call", 8));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClosedStoreRunsNoGuests(MemoryKind kind) {
        Guest guest = Guest.start(kind, stateful());
        guest.close();
        guest.close();
        assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> guest.call("peek", 0));
    }

    @ParameterizedTest
    @EnumSource
    void closingAStoreClosesTheDataOfHostModules(MemoryKind kind) {
        boolean[] closed = new boolean[1];
        AutoCloseable data = () -> closed[0] = true;
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            store.setData(AutoCloseable.class, data);
            assertThat(store.data(AutoCloseable.class)).isSameAs(data);
            assertThatIllegalStateException().isThrownBy(() -> store.data(Runnable.class));
        }
        assertThat(closed[0]).isTrue();
    }

    /** Changes everything that can be changed. */
    private static void spoil(Instance instance) {
        instance.call("spoil");
        Memory memory = instance.memory();
        memory.segment(0, memory.size()).fill((byte) 0xAA);
        instance.table("table").orElseThrow().set(1, "spoilt");
        instance.global("global").orElseThrow().set(-1L);
        instance.global("reference").orElseThrow().set("spoilt");
    }

    private static void assertFresh(Instance instance) {
        Memory memory = instance.memory();
        assertThat(memory.pages()).isEqualTo(2);
        assertThat(Arrays.equals(memory.read(0, 2 * PAGE), IMAGE))
                .as("memory is its image")
                .isTrue();
        assertThat(instance.call("peek", 100)).containsExactly((int) 'd');
        Table table = instance.table("table").orElseThrow();
        assertThat(table.size()).isEqualTo(3);
        for (int i = 0; i < 3; i++) {
            assertThat(table.get(i)).isNull();
        }
        assertThat(instance.table("functions").orElseThrow().get(0)).isNotNull();
        assertThat(instance.table("functions").orElseThrow().get(1)).isNull();
        assertThat(instance.global("global").orElseThrow().get()).isEqualTo(5L);
        assertThat(instance.global("reference").orElseThrow().get()).isNull();
        assertThat(instance.call("call", 0)).containsExactly(77);
        assertThat(instance.call("init")).containsExactly((int) 'p');
        assertThat(instance.call("init elements")).containsExactly(77);
        memory.putInt(50_000, 0);
        instance.table("functions").orElseThrow().set(1, null);
    }

    private static ModuleBuilder stateful() {
        ModuleBuilder module = new ModuleBuilder();
        int memory = module.memory(ModuleBuilder.from(2));
        int table = module.table("externref", ModuleBuilder.from(3));
        int functions = module.table("funcref", ModuleBuilder.from(2));
        int global = module.global("i64", true, code -> code.i64(5));
        int reference = module.global("externref", true, code -> code.refNull(HeapType.EXTERN));
        module.exportMemory("memory", memory)
                .exportTable("table", table)
                .exportTable("functions", functions)
                .exportGlobal("global", global)
                .exportGlobal("reference", reference);
        module.data(memory, 100, "data of the image".getBytes(StandardCharsets.US_ASCII));
        module.data(memory, PAGE + 4_095, (byte) 1, (byte) 2, (byte) 3);
        int passive = module.passiveData((byte) 'p');
        FuncBuilder seven = module.func("-> i32");
        seven.i32(77);
        module.elements(functions, 0, seven);
        int passiveElements = module.passiveElements(seven);

        module.func("i32 -> i32").export("peek").get(0).mem(Op.I32_LOAD8_U, 0);
        module.func("i32 -> i32").export("call").get(0).callIndirect("-> i32", functions);
        module.func("").export("trap").op(Op.UNREACHABLE);
        module.func("-> i32")
                .export("init")
                .i32(50_000)
                .i32(0)
                .i32(1)
                .op(Op.MEMORY_INIT, passive, memory)
                .i32(50_000)
                .mem(Op.I32_LOAD8_U, 0);
        module.func("-> i32")
                .export("init elements")
                .i32(1)
                .i32(0)
                .i32(1)
                .op(Op.TABLE_INIT, passiveElements, functions)
                .i32(1)
                .callIndirect("-> i32", functions);
        FuncBuilder spoil = module.func("").export("spoil");
        spoil.i32(18).op(Op.MEMORY_GROW, memory).op(Op.DROP);
        spoil.refNull(HeapType.EXTERN).i32(5).op(Op.TABLE_GROW, table).op(Op.DROP);
        spoil.i32(0).i32(1).op(Op.TABLE_GET, functions).op(Op.TABLE_SET, functions);
        spoil.i32(1).i32(0).i32(1).op(Op.TABLE_INIT, passiveElements, functions);
        spoil.op(Op.DATA_DROP, passive).op(Op.ELEM_DROP, passiveElements);
        spoil.i64(-1).globalSet(global);
        return module;
    }

    private static byte[] image() {
        byte[] image = new byte[2 * PAGE];
        byte[] text = "data of the image".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, image, 100, text.length);
        image[PAGE + 4_095] = 1;
        image[PAGE + 4_096] = 2;
        image[PAGE + 4_097] = 3;
        return image;
    }

    private static boolean isZero(byte[] bytes) {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
