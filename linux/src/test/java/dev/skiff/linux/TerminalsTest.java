package dev.skiff.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.linux.Terminals.Settings;
import dev.skiff.linux.Terminals.Size;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TerminalsTest {
    private final Terminals.Pair terminal = Terminals.open();

    @AfterEach
    void close() {
        Descriptors.close(terminal.master());
        Descriptors.close(terminal.slave());
    }

    private static void write(int fd, String text) {
        try (Buffer out = Buffer.of(text)) {
            assertThat(Descriptors.writev(fd, out.vectors, 1)).isEqualTo(text.length());
        }
    }

    /** What has come; the kernel carries it in its own time. */
    private static String read(int fd) {
        try (Buffer set = new Buffer(8);
                Buffer in = new Buffer(64)) {
            Polling.put(set.address, 0, fd, Polling.IN);
            Polling.poll(set.address, 1, Polling.FOREVER);
            return in.text(Descriptors.read(fd, in.address, 64));
        }
    }

    @Test
    void linesAreEditedAndEchoed() {
        assertThat(Descriptors.isTerminal(terminal.slave())).isTrue();

        write(terminal.master(), "hex\u007fy\n");

        assertThat(read(terminal.slave())).isEqualTo("hey\n");
        assertThat(read(terminal.master())).isEqualTo("hex\b \by\r\n");
    }

    @Test
    void neitherEndWaits() {
        try (Buffer in = new Buffer(8)) {
            assertThatThrownBy(() -> Descriptors.read(terminal.slave(), in.address, 8))
                    .hasMessageContaining("EAGAIN");
            assertThatThrownBy(() -> Descriptors.read(terminal.master(), in.address, 8))
                    .hasMessageContaining("EAGAIN");
        }
    }

    @Test
    void theWindowHasTheSizeThatWasSaid() {
        assertThat(Terminals.size(terminal.slave())).isEqualTo(new Size(0, 0));

        Terminals.resize(terminal.master(), new Size(132, 43));

        assertThat(Terminals.size(terminal.slave())).isEqualTo(new Size(132, 43));
        Terminals.resize(terminal.slave(), new Size(65_535, 65_535));
        assertThat(Terminals.size(terminal.master())).isEqualTo(new Size(65_535, 65_535));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new Size(65_536, 1));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new Size(1, -1));
    }

    @Test
    void aNewTerminalHasTheUsualKeys() {
        Settings settings = Terminals.settings(terminal.master());

        assertThat(settings).isEqualTo(Terminals.settings(terminal.slave()));
        assertThat(settings.has(Settings.SIGNALS | Settings.LINES | Settings.EXTENSIONS))
                .isTrue();
        assertThat(settings.keys()).hasSize(19).startsWith(3, 28, 127);
        assertThat(settings.keys().get(Settings.INTERRUPT)).isEqualTo('C' - '@');
        assertThat(settings.keys().get(Settings.QUIT)).isEqualTo('\\' - '@');
        assertThat(settings.keys().get(Settings.END)).isEqualTo('D' - '@');
        assertThat(settings.keys().get(Settings.LITERAL)).isEqualTo('V' - '@');
    }

    @Test
    void whatIsNoTerminalIsRefused() {
        Descriptors.Pipe pipe = Descriptors.pipe(OpenFlags.CLOSE_ON_EXEC);
        assertThatThrownBy(() -> Terminals.size(pipe.reader())).hasMessageContaining("ENOTTY");
        assertThatThrownBy(() -> Terminals.resize(pipe.reader(), new Size(80, 25)))
                .hasMessageContaining("ENOTTY");
        assertThatThrownBy(() -> Terminals.settings(pipe.reader())).hasMessageContaining("ENOTTY");
        Descriptors.close(pipe.reader());
        Descriptors.close(pipe.writer());
    }

    @Test
    void whatWasWrittenIsReadAfterTheOtherEndIsClosed() {
        Terminals.Pair other = Terminals.open();
        write(other.slave(), "last\n");
        Descriptors.close(other.slave());

        assertThat(read(other.master())).isEqualTo("last\r\n");
        assertThatThrownBy(() -> read(other.master())).hasMessageContaining("EIO");
        Descriptors.close(other.master());
    }
}
