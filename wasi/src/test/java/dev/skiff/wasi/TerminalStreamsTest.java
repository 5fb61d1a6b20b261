package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import dev.skiff.linux.Terminals;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Standard streams that are a terminal, or a full device. */
@Timeout(60)
class TerminalStreamsTest {
    private final Terminals.Pair terminal = Terminals.open();

    @AfterEach
    void close() {
        Descriptors.close(terminal.slave());
        Descriptors.close(terminal.master());
    }

    private Probe guest() {
        StandardOutput shown = new StandardOutput.HostDescriptor(terminal.slave());
        return new Probe(WasiConfig.builder()
                .stdin(new StandardInput.HostDescriptor(terminal.slave()))
                .stdout(shown)
                .stderr(shown)
                .build());
    }

    private void type(String text) {
        HostSide.write(terminal.master(), text);
    }

    @Test
    void itIsATerminalToTheGuest() {
        try (Probe guest = guest()) {
            int stat = guest.reserve(24);
            for (int fd = 0; fd < 3; fd++) {
                assertThat(guest.call("fd_fdstat_get", fd, stat)).isEqualTo(Errno.SUCCESS);
                assertThat(guest.memory.getByte(stat)).isEqualTo(FileType.CHARACTER_DEVICE.code());
                // That the host's descriptor does not wait is none of the guest's business.
                assertThat(guest.memory.getShort(stat + 2L)).isZero();
                // What has a position is no terminal to the C library.
                assertThat(guest.memory.getLong(stat + 8L) & Rights.POSITION).isZero();
            }
        }
    }

    @Test
    void readingWaitsForALineOrTheEnd() throws Exception {
        try (Probe guest = guest()) {
            type("no line");
            Thread typist = HostSide.later(() -> type(" yet\n\u0004"));

            int count = guest.read(0, 100).fd();

            assertThat(guest.text(guest.lastRead, count)).isEqualTo("no line yet\n");
            assertThat(guest.read(0, 100).fd()).isZero();
            typist.join();
        }
    }

    @Test
    void aGuestThatWaitsForALineCanBeStopped() throws Exception {
        try (Probe guest = guest()) {
            Thread stopper = HostSide.later(guest.store::interrupt);

            assertThatThrownBy(() -> guest.read(0, 100))
                    .isInstanceOfSatisfying(
                            Trap.class, trap -> assertThat(trap.code()).isEqualTo(TrapCode.INTERRUPTED));
            stopper.join();
        }
    }

    @Test
    void aGuestWhoseOutputIsNotReadCanBeStopped() throws Exception {
        try (Probe guest = guest()) {
            Thread stopper = HostSide.later(guest.store::interrupt);

            assertThatThrownBy(() -> {
                        while (true) {
                            guest.write(1, "x".repeat(4_096));
                        }
                    })
                    .isInstanceOfSatisfying(
                            Trap.class, trap -> assertThat(trap.code()).isEqualTo(TrapCode.INTERRUPTED));
            stopper.join();
        }
    }

    @Test
    void aFullDeviceAnswersEnospc() {
        int full = Paths.OWN.open("/dev/full", OpenFlags.WRITE_ONLY | OpenFlags.CLOSE_ON_EXEC, 0);
        WasiConfig config = WasiConfig.builder()
                .stdout(new StandardOutput.HostDescriptor(full))
                .build();
        try (Probe guest = new Probe(config)) {
            assertThat(guest.write(1, "x").errno()).isEqualTo(Errno.ENOSPC);
        }
        Descriptors.close(full);
    }
}
