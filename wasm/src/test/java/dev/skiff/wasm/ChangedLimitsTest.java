package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.skiff.wasm.internal.binary.Op;
import java.time.Duration;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Limits of a store that change while its guests run. */
class ChangedLimitsTest {
    private static final int PAGE = MemoryType.PAGE_SIZE;
    /** So little that what guests use in a millisecond is paid back in days. */
    private static final OptionalDouble NEXT_TO_NOTHING = OptionalDouble.of(1e-9);

    @ParameterizedTest
    @EnumSource
    void memoryGrowsUpToALimitThatWasRaised(MemoryVariant variant) {
        Limits limits = variant.limits(Limits.DEFAULT);
        limits = limits.withMemoryCeilingBytes(limits.maxMemoryBytes()).withMaxMemoryBytes(2L * PAGE);
        try (Guest guest = Guest.start(variant.kind(), programs(), limits)) {
            assertThat(guest.call("grow", 2)).isEqualTo(-1);

            guest.store().changeMaxMemoryBytes(20L * PAGE);

            assertThat(guest.store().limits().maxMemoryBytes()).isEqualTo(20L * PAGE);
            assertThat(guest.call("grow", 20)).isEqualTo(-1);
            assertThat(guest.call("grow", 19)).isEqualTo(1);
            assertThat(guest.call("load", 20 * PAGE - 4)).isEqualTo(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMemoryOverALoweredLimitStaysAsItIs(MemoryVariant variant) {
        try (Guest guest = Guest.start(variant.kind(), programs(), variant.limits(Limits.DEFAULT))) {
            guest.run("grow", 9);

            guest.store().changeMaxMemoryBytes(5L * PAGE);

            assertThat(guest.store().refusedGrows()).isZero();
            assertThat(guest.call("grow", 1)).isEqualTo(-1);
            assertThat(guest.store().refusedGrows()).isEqualTo(1);
            assertThat(guest.call("grow", 0)).isEqualTo(10);
            assertThat(guest.call("load", 10 * PAGE - 4)).isEqualTo(0);
            assertThat(guest.store().memoryBytes()).isEqualTo(10L * PAGE);
            assertThatExceptionOfType(LimitException.class)
                    .isThrownBy(() -> Memory.create(guest.store(), new MemoryType(ModuleBuilder.from(1))));

            guest.instance().reset();
            assertThat(guest.call("grow", 5)).isEqualTo(-1);
            assertThat(guest.call("grow", 4)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLimitThatWasLoweredCanBeRaisedToWhatItWas(MemoryKind kind) {
        try (Guest guest = Guest.start(kind, programs(), Limits.DEFAULT.withMaxMemoryBytes(10L * PAGE))) {
            guest.store().changeMaxMemoryBytes(PAGE);
            assertThat(guest.call("grow", 1)).isEqualTo(-1);

            guest.store().changeMaxMemoryBytes(10L * PAGE);

            assertThat(guest.call("grow", 9)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsOutOfRangeChangesNothing(MemoryKind kind) {
        Limits limits = Limits.DEFAULT.withMaxMemoryBytes(10L * PAGE);
        try (Store store = new Store(Guest.engine(kind), limits)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.changeMaxMemoryBytes(11L * PAGE))
                    .withMessageContaining("memoryCeilingBytes");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.changeMaxMemoryBytes(-1))
                    .withMessageContaining("maxMemoryBytes");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.changeCpuQuota(OptionalDouble.of(1.5)))
                    .withMessageContaining("cpuQuota");
            assertThat(store.limits()).isEqualTo(limits);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRunningGuestSeesALimitThatAnotherThreadRaised(MemoryKind kind) throws Exception {
        Limits limits = Limits.DEFAULT.withMemoryCeilingBytes(1L << 30).withMaxMemoryBytes(PAGE);
        try (Guest guest = Guest.start(kind, programs(), limits);
                Run run = Run.of(guest, "grow until it can")) {
            run.awaitWork();

            guest.store().changeMaxMemoryBytes(2L * PAGE);

            run.awaitEnd();
            assertThat(run.failure).isNull();
        }
    }

    @Test
    void codeStillReachesFarMemoriesWhenTheLimitIsLow() {
        ModuleBuilder owner = programs();
        ModuleBuilder user = new ModuleBuilder();
        user.importMemory("owner", "memory", ModuleBuilder.from(1));
        user.func("i32 -> i32").export("load").get(0).mem(Op.I32_LOAD, 0);
        Engine engine = Guest.engine(MemoryKind.OFF_HEAP);
        try (Store store = new Store(engine, Limits.DEFAULT.withMaxMemoryBytes(1L << 32))) {
            Instance first = new Linker().instantiate(store, engine.compile(owner.build()));
            first.call("grow", 40_000);

            store.changeMaxMemoryBytes(1 << 20);

            Instance second = new Linker()
                    .define("owner", "memory", first.memory())
                    .instantiate(store, engine.compile(user.build()));
            assertThat(second.call("load", (int) (39_999L * PAGE))).containsExactly(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGuestIsHeldByAShareThatIsNewAndGoesOnWithoutIt(MemoryKind kind) throws Exception {
        try (Guest guest = Guest.start(kind, programs());
                Run run = Run.of(guest, "loop")) {
            run.awaitWork();
            assertThat(guest.store().cpuThrottling()).isEqualTo(CpuThrottling.NONE);

            guest.store().changeCpuQuota(NEXT_TO_NOTHING);
            assertThat(guest.store().limits().cpuQuota()).isEqualTo(NEXT_TO_NOTHING);
            run.awaitHold();
            guest.store().changeCpuQuota(OptionalDouble.empty());
            run.awaitWork();

            CpuThrottling once = guest.store().cpuThrottling();
            assertThat(once.throttled()).isPositive();
            assertThat(once.throttledPeriods()).isPositive();
            assertThat(once.periods()).isGreaterThanOrEqualTo(once.throttledPeriods());

            guest.store().changeCpuQuota(NEXT_TO_NOTHING);
            run.awaitHold();
            guest.store().changeCpuQuota(OptionalDouble.of(1));
            run.awaitWork();

            CpuThrottling twice = guest.store().cpuThrottling();
            assertThat(twice.throttled()).isGreaterThan(once.throttled());
            assertThat(twice.periods()).isGreaterThanOrEqualTo(once.periods());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGuestThatIsHeldByItsShareCanBeInterrupted(MemoryKind kind) throws Exception {
        try (Guest guest = Guest.start(kind, programs(), Limits.DEFAULT.withCpuQuota(NEXT_TO_NOTHING));
                Run run = Run.of(guest, "loop")) {
            run.awaitHold();

            guest.store().interrupt();

            run.assertEndsWith(TrapCode.INTERRUPTED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGuestThatIsHeldByItsShareEndsAtItsDeadline(MemoryKind kind) throws Exception {
        Limits limits = Limits.DEFAULT.withCpuQuota(NEXT_TO_NOTHING).withTimeout(Duration.ofMillis(100));
        try (Guest guest = Guest.start(kind, programs(), limits);
                Run run = Run.of(guest, "loop")) {
            run.assertEndsWith(TrapCode.DEADLINE_EXCEEDED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPauseDoesNotCountAsThrottling(MemoryKind kind) throws Exception {
        try (Guest guest = Guest.start(kind, programs(), Limits.DEFAULT.withCpuQuota(1))) {
            guest.store().pause();
            try (Run run = Run.of(guest, "loop")) {
                run.awaitHold();
                Thread.sleep(150);
                assertThat(guest.store().cpuThrottling()).isEqualTo(CpuThrottling.NONE);
                guest.store().resume();
                run.awaitWork();
                assertThat(guest.store().cpuThrottling().periods()).isPositive();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGuestOnAVirtualThreadIsNotChargedForWaiting(MemoryKind kind) throws Exception {
        try (Guest guest = Guest.start(kind, programs(), Limits.DEFAULT.withCpuQuota(0.5))) {
            // Charged for its waits it would owe more after each, and never come to an end.
            Thread thread = Thread.ofVirtual().start(() -> guest.run("count", 300_000_000));

            thread.join();
            assertThat(guest.store().cpuThrottling().throttledPeriods()).isPositive();
        }
    }

    private static ModuleBuilder programs() {
        ModuleBuilder module = new ModuleBuilder();
        module.exportMemory("memory", module.memory(ModuleBuilder.from(1)));
        module.func("i32 -> i32").export("grow").get(0).op(Op.MEMORY_GROW, 0);
        module.func("i32 -> i32").export("load").get(0).mem(Op.I32_LOAD, 0);
        module.func("").export("loop").loop("").br(0).end();
        FuncBuilder count = module.func("i32 ->").export("count");
        count.loop("").get(0).i32(1).op(Op.I32_SUB).tee(0).brIf(0).end();
        module.func("")
                .export("grow until it can")
                .loop("")
                .i32(1)
                .op(Op.MEMORY_GROW, 0)
                .i32(-1)
                .op(Op.I32_EQ)
                .brIf(0)
                .end();
        return module;
    }
}
