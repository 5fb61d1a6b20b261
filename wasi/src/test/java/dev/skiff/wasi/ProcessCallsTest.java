package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.wasm.Limits;
import dev.skiff.wasm.MemoryKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProcessCallsTest {
    private static List<String> strings(Probe guest, String sizes, String get) {
        int count = guest.reserve(4);
        int bytes = guest.reserve(4);
        assertThat(guest.call(sizes, count, bytes)).isEqualTo(Errno.SUCCESS);
        int pointers = guest.reserve(4 * guest.memory.getInt(count));
        int buffer = guest.reserve(guest.memory.getInt(bytes));
        assertThat(guest.call(get, pointers, buffer)).isEqualTo(Errno.SUCCESS);
        List<String> result = new ArrayList<>();
        for (int i = 0; i < guest.memory.getInt(count); i++) {
            int at = guest.memory.getInt(pointers + 4L * i);
            int length = 0;
            while (guest.memory.getByte(at + length) != 0) {
                length++;
            }
            result.add(guest.text(at, length));
        }
        return result;
    }

    @Test
    void argumentsAndEnvironmentArrive() {
        WasiConfig config = WasiConfig.builder()
                .args("prog", "", "käse")
                .env("A", "1")
                .env("B", "x=y")
                .env("A", "2")
                .build();
        try (Probe guest = new Probe(config)) {
            assertThat(strings(guest, "args_sizes_get", "args_get")).containsExactly("prog", "", "käse");
            assertThat(strings(guest, "environ_sizes_get", "environ_get")).containsExactly("A=2", "B=x=y");
        }
        assertThatThrownBy(() -> WasiConfig.builder().args("a\0b").build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WasiConfig.builder().env("a=b", "c")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void clocksTickNoFinerThanAllowed() {
        WasiConfig config =
                WasiConfig.builder().clockResolution(Duration.ofMillis(1)).build();
        try (Probe guest = new Probe(config)) {
            int at = guest.reserve(8);
            for (int clock = 0; clock < 4; clock++) {
                assertThat(guest.call("clock_time_get", clock, 0, at)).isEqualTo(Errno.SUCCESS);
                assertThat(guest.memory.getLong(at) % 1_000_000).isZero();
                assertThat(guest.call("clock_res_get", clock, at)).isEqualTo(Errno.SUCCESS);
                assertThat(guest.memory.getLong(at)).isEqualTo(1_000_000);
            }
            guest.call("clock_time_get", GuestClocks.MONOTONIC, 0, at);
            assertThat(guest.memory.getLong(at)).isBetween(1_000_000_000L, 60_000_000_000L);
            guest.call("clock_time_get", GuestClocks.REALTIME, 0, at);
            assertThat(guest.memory.getLong(at) / 1_000_000)
                    .isBetween(System.currentTimeMillis() - 10_000, System.currentTimeMillis() + 1);
            assertThat(guest.call("clock_time_get", 4, 0, at)).isEqualTo(Errno.EINVAL);
            assertThat(guest.call("clock_res_get", -1, at)).isEqualTo(Errno.EINVAL);
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void randomNumbersFillTheBuffer(MemoryKind kind) {
        try (Probe guest = new Probe(WasiConfig.builder().build(), Limits.DEFAULT, kind)) {
            assertThat(guest.call("random_get", 1_000, 200_000)).isEqualTo(Errno.SUCCESS);
            int zeros = 0;
            for (byte b : guest.memory.read(1_000, 200_000)) {
                zeros += b == 0 ? 1 : 0;
            }
            assertThat(zeros).isBetween(500, 1_100);
            assertThat(guest.memory.getByte(999)).isZero();
            assertThat(guest.memory.getByte(201_000)).isZero();
            assertThat(guest.call("random_get", 0, 0)).isEqualTo(Errno.SUCCESS);
        }
    }

    @Test
    void aSourceOfRandomNumbersCanBeGiven() {
        WasiConfig config = WasiConfig.builder().random(new SplittableRandom(7)).build();
        byte[] expected = new byte[40];
        new SplittableRandom(7).nextBytes(expected);
        try (Probe guest = new Probe(config)) {
            guest.call("random_get", 1_000, 40);
            assertThat(guest.memory.read(1_000, 40)).isEqualTo(expected);
        }
    }

    @Test
    void anExitPassesThroughTheGuest() {
        try (Probe guest = new Probe(WasiConfig.builder().build())) {
            assertThatThrownBy(() -> guest.call("proc_exit", 42))
                    .isInstanceOfSatisfying(
                            WasiExit.class, exit -> assertThat(exit.code()).isEqualTo(42))
                    .hasMessage("the guest exited with status 42");
            assertThat(guest.call("sched_yield")).isEqualTo(Errno.SUCCESS);
        }
    }

    @Test
    void allFunctionsAreThere() {
        assertThat(Preview1.types()).hasSize(46);
    }
}
