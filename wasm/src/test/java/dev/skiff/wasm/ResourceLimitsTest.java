package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.skiff.wasm.internal.binary.Op;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResourceLimitsTest {
    private static final int PAGE = MemoryType.PAGE_SIZE;
    /** The bytes of the table that {@link #growing} has. */
    private static final int TABLE = 2 * 8;

    @ParameterizedTest
    @EnumSource
    void memoryGrowsUpToTheLimitAndNotFurther(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, growing(ModuleBuilder.from(1)), tenPages())) {
            assertThat(guest.call("grow", 9)).isEqualTo(1);
            assertThat(guest.call("grow", 1)).isEqualTo(-1);
            assertThat(guest.call("grow", 0)).isEqualTo(10);
            assertThat(guest.call("size")).isEqualTo(10);
            assertThat(guest.store().memoryBytes()).isEqualTo(10L * PAGE + TABLE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void memoryGrowsUpToItsOwnMaximum(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, growing(ModuleBuilder.range(1, 3)))) {
            assertThat(guest.call("grow", 3)).isEqualTo(-1);
            assertThat(guest.call("grow", 2)).isEqualTo(1);
            assertThat(guest.call("grow", 1)).isEqualTo(-1);
            assertThat(guest.call("grow", -1)).isEqualTo(-1);
            assertThat(guest.call("grow", Integer.MIN_VALUE)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void onlyGrowsThatTheLimitRefusedAreCounted(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, growing(ModuleBuilder.range(1, 20)), tenPages())) {
            guest.run("grow", 9);
            guest.run("grow", 20);
            guest.run("grow", -1);
            assertThat(guest.store().refusedGrows()).isZero();

            guest.run("grow", 1);
            guest.instance().memory().grow(10);
            assertThat(guest.store().refusedGrows()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theHostGrowsMemoryWithinTheSameLimits(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, growing(ModuleBuilder.from(1)), tenPages())) {
            Memory memory = guest.instance().memory();
            assertThat(memory.grow(10)).isEqualTo(-1);
            assertThat(memory.grow(Long.MAX_VALUE)).isEqualTo(-1);
            assertThat(memory.grow(9)).isEqualTo(1);
            assertThat(memory.grow(0)).isEqualTo(10);
            assertThat(memory.size()).isEqualTo(10L * PAGE);
            assertThat(guest.call("size")).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @EnumSource
    void grownMemoryKeepsItsContentsAndIsZeroBeyond(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, growing(ModuleBuilder.from(1)))) {
            Memory memory = guest.instance().memory();
            memory.putLong(PAGE - 8L, -1);
            for (int pages = 1; pages < 40; pages += 3) {
                assertThat(guest.call("grow", 3)).isEqualTo(pages);
                long start = (long) pages * PAGE;
                assertThat(memory.getLong(PAGE - 8L)).isEqualTo(-1);
                assertThat(memory.read(start, 3 * PAGE)).containsOnly(0);
                memory.segment(start, 3 * PAGE).fill((byte) 0x55);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void accessesBeyondTheSizeTrapBeforeAndAfterGrowing(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, growing(ModuleBuilder.from(1)))) {
            assertThat(guest.call("load", PAGE - 4)).isEqualTo(0);
            assertTraps(TrapCode.MEMORY_OUT_OF_BOUNDS, () -> guest.call("load", PAGE - 3));
            assertTraps(TrapCode.MEMORY_OUT_OF_BOUNDS, () -> guest.call("load", -1));
            assertTraps(TrapCode.MEMORY_OUT_OF_BOUNDS, () -> guest.call("load", Integer.MIN_VALUE));
            assertTraps(TrapCode.MEMORY_OUT_OF_BOUNDS, () -> guest.call("load far", -1));
            guest.run("grow", 1);
            assertThat(guest.call("load", PAGE - 3)).isEqualTo(0);
            assertTraps(TrapCode.MEMORY_OUT_OF_BOUNDS, () -> guest.call("load", 2 * PAGE - 3));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theMemoriesOfAStoreShareTheLimit(MemoryKind kind) {
        Module module = Guest.compile(kind, growing(ModuleBuilder.from(4)));
        Limits limits = Limits.DEFAULT.withMaxMemoryBytes(10L * PAGE + 2 * TABLE);
        try (Store store = new Store(Guest.engine(kind), limits)) {
            Instance first = new Linker().instantiate(store, module);
            Instance second = new Linker().instantiate(store, module);
            assertThat(store.memoryBytes()).isEqualTo(8L * PAGE + 2 * TABLE);
            assertThatExceptionOfType(LimitException.class)
                    .isThrownBy(() -> new Linker().instantiate(store, module))
                    .withMessageContaining(Long.toString(limits.maxMemoryBytes()));

            assertThat(first.call("grow", 2)).containsExactly(4);
            assertThat(second.call("grow", 1)).containsExactly(-1);

            first.close();
            assertThat(second.call("grow", 6)).containsExactly(4);
            assertThat(store.memoryBytes()).isEqualTo(10L * PAGE + TABLE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFirstMemoryOverTheLimitIsRefusedBeforeAnythingRuns(MemoryKind kind) {
        ModuleBuilder module = growing(ModuleBuilder.from(11));
        assertThatExceptionOfType(LimitException.class).isThrownBy(() -> Guest.start(kind, module, tenPages()));
    }

    @ParameterizedTest
    @EnumSource
    void aMemoryMayDeclareFourGigabytesAndUseLittle(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, growing(ModuleBuilder.range(1, 65_536)))) {
            assertThat(guest.call("grow", 15)).isEqualTo(1);
            assertThat(guest.call("load", 16 * PAGE - 4)).isEqualTo(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tablesGrowUpToTheLimitAndNotFurther(MemoryKind kind) {
        Limits limits = Limits.DEFAULT.withMaxTableElements(10);
        try (Guest guest = Guest.start(kind, growing(ModuleBuilder.from(0)), limits)) {
            Table table = guest.instance().table("table").orElseThrow();
            assertThat(guest.call("table.grow", 7)).isEqualTo(2);
            assertThat(guest.call("table.grow", 2)).isEqualTo(-1);
            assertThat(guest.call("table.grow", -1)).isEqualTo(-1);
            assertThat(table.grow(2, null)).isEqualTo(-1);
            assertThat(table.grow(1, null)).isEqualTo(9);
            assertThat(guest.call("table.grow", 0)).isEqualTo(10);
            assertThat(table.size()).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFirstTableOverTheLimitIsRefused(MemoryKind kind) {
        Limits limits = Limits.DEFAULT.withMaxTableElements(1);
        ModuleBuilder module = growing(ModuleBuilder.from(0));
        assertThatExceptionOfType(LimitException.class).isThrownBy(() -> Guest.start(kind, module, limits));
    }

    @ParameterizedTest
    @EnumSource
    void tablesAndMemoriesShareTheLimitOfMemory(MemoryKind kind) {
        Limits limits = Limits.DEFAULT.withMaxMemoryBytes(2L * PAGE + TABLE);
        try (Guest guest = Guest.start(kind, growing(ModuleBuilder.from(1)), limits)) {
            assertThat(guest.call("table.grow", PAGE / 8 + 1)).isEqualTo(-1);
            assertThat(guest.store().refusedGrows()).isEqualTo(1);
            assertThat(guest.call("table.grow", PAGE / 8 - 1)).isEqualTo(2);
            assertThat(guest.call("table.grow", 1)).isEqualTo(PAGE / 8 + 1);
            assertThat(guest.store().memoryBytes()).isEqualTo(limits.maxMemoryBytes());
            assertThat(guest.call("grow", 1)).isEqualTo(-1);

            guest.instance().reset();

            assertThat(guest.call("grow", 1)).isEqualTo(1);
            assertThat(guest.call("table.grow", 1)).isEqualTo(-1);
        }
        assertThatExceptionOfType(LimitException.class)
                .isThrownBy(() ->
                        Guest.start(kind, growing(ModuleBuilder.from(0)), Limits.DEFAULT.withMaxMemoryBytes(TABLE - 1)))
                .withMessage("a table of 2 elements, 16 bytes, is over the limit of 15 bytes");
    }

    @ParameterizedTest
    @EnumSource
    void aStoreTakesAsManyInstancesAsItsLimitSays(MemoryKind kind) {
        Module module = Guest.compile(kind, growing(ModuleBuilder.from(1)));
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT.withMaxInstances(3))) {
            List<Instance> instances = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                instances.add(new Linker().instantiate(store, module));
            }
            assertThatExceptionOfType(LimitException.class)
                    .isThrownBy(() -> new Linker().instantiate(store, module))
                    .withMessageContaining("3");
            assertThat(instances).allSatisfy(i -> assertThat(i.call("size")).containsExactly(1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void memoriesAndTablesOfTheHostCountToo(MemoryKind kind) {
        Limits limits = tenPages().withMaxTableElements(10);
        try (Store store = new Store(Guest.engine(kind), limits)) {
            Memory memory = Memory.create(store, new MemoryType(ModuleBuilder.from(6)));
            assertThat(memory.grow(5)).isEqualTo(-1);
            assertThatExceptionOfType(LimitException.class)
                    .isThrownBy(() -> Memory.create(store, new MemoryType(ModuleBuilder.from(5))));
            TableType six = new TableType(RefType.EXTERNREF, ModuleBuilder.from(6));
            Table.create(store, six, "x");
            assertThatExceptionOfType(LimitException.class).isThrownBy(() -> Table.create(store, six, "x"));
        }
    }

    @Test
    void limitsOutOfRangeAreRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Limits.DEFAULT.withStackBytes(1))
                .withMessageContaining("stackBytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Limits.DEFAULT.withFuel(-1))
                .withMessageContaining("fuel");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Limits.DEFAULT.withCpuQuota(0))
                .withMessageContaining("cpuQuota");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Limits.DEFAULT.withTimeout(Duration.ofSeconds(-1)))
                .withMessageContaining("timeout");
    }

    /** Of memory, besides the table. */
    private static Limits tenPages() {
        return Limits.DEFAULT.withMaxMemoryBytes(10L * PAGE + TABLE);
    }

    private static void assertTraps(TrapCode code, Runnable action) {
        assertThatExceptionOfType(Trap.class)
                .isThrownBy(action::run)
                .extracting(Trap::code)
                .isEqualTo(code);
    }

    private static ModuleBuilder growing(SizeRange pages) {
        ModuleBuilder module = new ModuleBuilder();
        module.exportMemory("memory", module.memory(pages));
        int table = module.table("externref", ModuleBuilder.from(2));
        module.exportTable("table", table);
        module.func("i32 -> i32").export("grow").get(0).op(Op.MEMORY_GROW, 0);
        module.func("-> i32").export("size").op(Op.MEMORY_SIZE, 0);
        module.func("i32 -> i32").export("load").get(0).mem(Op.I32_LOAD, 0);
        module.func("i32 -> i32").export("load far").get(0).mem(Op.I32_LOAD, -1);
        module.func("i32 -> i32")
                .export("table.grow")
                .refNull(HeapType.EXTERN)
                .get(0)
                .op(Op.TABLE_GROW, table);
        return module;
    }
}
