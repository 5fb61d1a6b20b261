package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.OpenFlags;
import dev.skiff.wasm.Engine;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals at the beginning of calls, and of the guest for itself; {@link SignalledWaitTest} has those that end a wait. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class GuestSignalsTest {
    private static final int TERM = 15;

    private final List<Integer> handled = new ArrayList<>();

    /** A guest that notes its signals. */
    private Probe guest() {
        Probe guest = new Probe(WasiConfig.builder().build());
        guest.handle(handled::add);
        return guest;
    }

    static Stream<String> functionsThatReturn() {
        return Preview1.types().keySet().stream().filter(name -> !name.equals("proc_exit"));
    }

    @ParameterizedTest
    @MethodSource("functionsThatReturn")
    void everyCallBeginsWithTheSignalsThatWait(String name) {
        try (Probe guest = guest()) {
            FuncType type = Preview1.types().get(name);
            Object[] zeros = type.params().stream()
                    .map(param -> param == NumType.I64 ? (Object) 0L : (Object) 0)
                    .toArray();
            guest.wasi.signals().raise(TERM);

            assertThat(guest.call(name, zeros)).isNotEqualTo(Errno.EINTR);

            assertThat(handled).containsExactly(TERM);
        }
    }

    @Test
    void theLowestSignalComesFirstAndTheSameOneOnce() {
        try (Probe guest = guest()) {
            for (int signal : new int[] {TERM, 2, TERM, 64, 28, 1, 2}) {
                guest.wasi.signals().raise(signal);
            }

            guest.call("sched_yield");

            assertThat(handled).containsExactly(1, 2, TERM, 28, 64);
            guest.wasi.signals().raise(TERM);
            guest.call("sched_yield");
            assertThat(handled).endsWith(64, TERM);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 9, 19, 65})
    void whatNoGuestCanHandleIsNotRaised(int signal) {
        assertThatIllegalArgumentException().isThrownBy(() -> new GuestSignals().raise(signal));
    }

    @Test
    void aHandlerIsNotCalledWhileOneRunsButAfterIt() {
        try (Probe guest = guest()) {
            guest.handle(signal -> {
                handled.add(signal);
                if (signal == TERM) {
                    guest.wasi.signals().raise(2);
                    assertThat(guest.call("sched_yield")).isEqualTo(Errno.SUCCESS);
                    assertThat(guest.call("proc_raise", 1)).isEqualTo(Errno.SUCCESS);
                    handled.add(0);
                }
            });
            guest.wasi.signals().raise(TERM);

            guest.call("sched_yield");

            assertThat(handled).containsExactly(TERM, 0, 1, 2);
        }
    }

    @Test
    void signalsWaitForTheHandler() {
        try (Probe guest = new Probe(WasiConfig.builder().build())) {
            guest.wasi.signals().raise(TERM);
            guest.call("sched_yield");

            guest.handle(handled::add);
            assertThat(handled).isEmpty();
            guest.call("sched_yield");

            assertThat(handled).containsExactly(TERM);
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void aHandlerMayUseAndGrowTheMemoryThatTheCallUses(MemoryKind kind) {
        Descriptors.Pipe pipe = Descriptors.pipe(OpenFlags.CLOSE_ON_EXEC);
        WasiConfig config = WasiConfig.builder()
                .stdin(new StandardInput.HostDescriptor(pipe.reader()))
                .stdout(new StandardOutput.HostDescriptor(pipe.writer()))
                .build();
        try (Probe guest = new Probe(config, Limits.DEFAULT, kind)) {
            guest.handle(_ -> {
                guest.memory.grow(100);
                assertThat(guest.write(1, "handled ").fd()).isEqualTo(8);
            });
            guest.wasi.signals().raise(TERM);
            assertThat(guest.write(1, "written").fd()).isEqualTo(7);

            guest.wasi.signals().raise(TERM);
            assertThat(guest.read(0, 100).fd()).isEqualTo(23);

            assertThat(guest.text(guest.lastRead, 23)).isEqualTo("handled writtenhandled ");
        } finally {
            Descriptors.close(pipe.reader());
            Descriptors.close(pipe.writer());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sched_yield", "proc_raise"})
    void whatAHandlerThrowsIsNoErrorOfTheCall(String name) {
        Object[] args = name.equals("proc_raise") ? new Object[] {TERM} : new Object[0];
        try (Probe guest = guest()) {
            guest.handle(_ -> {
                throw new Trap(TrapCode.MEMORY_OUT_OF_BOUNDS);
            });
            guest.wasi.signals().raise(TERM);
            assertThatThrownBy(() -> guest.call(name, args))
                    .isInstanceOfSatisfying(
                            Trap.class, trap -> assertThat(trap.code()).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS));

            guest.handle(_ -> guest.call("proc_exit", 3));
            guest.wasi.signals().raise(TERM);
            assertThatThrownBy(() -> guest.call(name, args))
                    .isInstanceOfSatisfying(
                            WasiExit.class, exit -> assertThat(exit.code()).isEqualTo(3));
        }
    }

    @Test
    void aGuestThatKnowsSignalsHasHandledWhatItRaised() {
        try (Probe guest = guest()) {
            assertThat(guest.call("proc_raise", TERM)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.call("proc_raise", 28)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.call("proc_raise", 19)).isEqualTo(Errno.SUCCESS);
            assertThat(handled).containsExactly(TERM, 28);
            assertThatThrownBy(() -> guest.call("proc_raise", 9)).isInstanceOf(WasiSignalled.class);
        }
    }

    @Test
    void aGuestThatDoesNotKnowSignalsEndsByThoseThatEndAProcess() {
        try (Probe guest = new Probe(WasiConfig.builder().build())) {
            for (int harmless : new int[] {17, 18, 19, 20, 21, 22, 23, 28}) {
                assertThat(guest.call("proc_raise", harmless)).isEqualTo(Errno.SUCCESS);
            }
            for (int ending : new int[] {1, 9, TERM, 64}) {
                assertThatThrownBy(() -> guest.call("proc_raise", ending))
                        .isInstanceOfSatisfying(
                                WasiSignalled.class,
                                end -> assertThat(end.signal()).isEqualTo(ending));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, SUCCESS", "-1, EINVAL", "65, EINVAL", "2147483647, EINVAL"})
    void raisingNoSignalDoesNothingAndNoSuchSignalIsAnError(int signal, Errno answer) {
        try (Probe guest = guest();
                Probe other = new Probe(WasiConfig.builder().build())) {
            assertThat(guest.call("proc_raise", signal)).isEqualTo(answer);
            assertThat(other.call("proc_raise", signal)).isEqualTo(answer);
            assertThat(handled).isEmpty();
        }
    }

    /** Modules whose export has the type (i32) -> (), (i32 i32) -> (), (i32) -> i32, and a memory. */
    @ParameterizedTest
    @CsvSource({
        "true,  01050160017f00   0302 0100 0711010d5f5f7761736d5f7369676e616c0000 0a0401 02000b",
        "false, 010601 60027f7f00 0302 0100 0711010d5f5f7761736d5f7369676e616c0000 0a0401 02000b",
        "false, 010601 60017f017f 0302 0100 0711010d5f5f7761736d5f7369676e616c0000 0a0601 0400 2000 0b",
        "false, 0503010001 0711010d5f5f7761736d5f7369676e616c0200",
        "false, 0503010001"
    })
    void onlyTheRightExportIsAHandler(boolean right, String sections) {
        byte[] binary = HexFormat.of().parseHex(("0061736d01000000" + sections).replace(" ", ""));
        try (Engine engine = Engine.create()) {
            assertThat(GuestSignals.areKnownTo(engine.compile(binary))).isEqualTo(right);
        }
    }
}
