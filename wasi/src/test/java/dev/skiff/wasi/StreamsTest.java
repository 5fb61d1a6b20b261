package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.MemoryKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamsTest {
    private static ByteArrayInputStream bytes(String s) {
        return new ByteArrayInputStream(s.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void byDefaultInputIsEmptyAndOutputGoesNowhere() {
        try (Probe guest = new Probe(WasiConfig.builder().build())) {
            assertThat(guest.read(0, 10).fd()).isZero();
            assertThat(guest.write(1, "x").fd()).isEqualTo(1);
            assertThat(guest.write(2, "x").fd()).isEqualTo(1);
            assertThat(guest.call("fd_prestat_get", 3, guest.reserve(8))).isEqualTo(Errno.EBADF);
            assertThat(guest.read(1, 1).errno()).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(guest.write(0, "x").errno()).isEqualTo(Errno.ENOTCAPABLE);
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void javaStreamsCarryBytes(MemoryKind kind) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PipedOutputStream feed = new PipedOutputStream();
        WasiConfig config = WasiConfig.builder()
                .stdin(new StandardInput.Stream(new PipedInputStream(feed)))
                .stdout(new StandardOutput.Stream(out))
                .build();
        try (Probe guest = new Probe(config, Limits.DEFAULT, kind)) {
            feed.write("hello".getBytes(StandardCharsets.UTF_8));
            feed.close();
            StringBuilder in = new StringBuilder();
            for (int count = guest.read(0, 3).fd();
                    count > 0;
                    count = guest.read(0, 3).fd()) {
                in.append(guest.text(guest.lastRead, count));
            }
            assertThat(in).hasToString("hello");
            guest.write(1, "out");
            assertThat(out).hasToString("out");
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void bytesInMemoryAreInput(MemoryKind kind) {
        WasiConfig config = WasiConfig.builder()
                .stdin(new StandardInput.Stream(bytes("hello")))
                .build();
        try (Probe guest = new Probe(config, Limits.DEFAULT, kind)) {
            assertThat(guest.read(0, 4).fd()).isEqualTo(4);
            assertThat(guest.text(guest.lastRead, 4)).isEqualTo("hell");
            assertThat(guest.read(0, 4).fd()).isEqualTo(1);
            assertThat(guest.read(0, 4).fd()).isZero();
        }
    }

    @Test
    void closedStreamsAreNotThere() {
        WasiConfig config = WasiConfig.builder()
                .stdin(StandardInput.CLOSED)
                .stdout(StandardOutput.CLOSED)
                .stderr(StandardOutput.CLOSED)
                .build();
        try (Probe guest = new Probe(config)) {
            assertThat(guest.read(0, 1).errno()).isEqualTo(Errno.EBADF);
            assertThat(guest.write(1, "x").errno()).isEqualTo(Errno.EBADF);
            assertThat(guest.write(2, "x").errno()).isEqualTo(Errno.EBADF);
        }
    }

    @Test
    void aStreamThatFailsAnswersEio() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("broken");
            }
        };
        WasiConfig config =
                WasiConfig.builder().stdout(new StandardOutput.Stream(broken)).build();
        try (Probe guest = new Probe(config)) {
            assertThat(guest.write(1, "x").errno()).isEqualTo(Errno.EIO);
        }
    }

    @Test
    void descriptorsOfTheHostStayOpenAndCannotBeChanged() {
        int zero = Paths.OWN.open("/dev/zero", OpenFlags.READ_ONLY | OpenFlags.CLOSE_ON_EXEC, 0);
        int nothing = Paths.OWN.open("/dev/null", OpenFlags.WRITE_ONLY | OpenFlags.CLOSE_ON_EXEC, 0);
        WasiConfig config = WasiConfig.builder()
                .stdin(new StandardInput.HostDescriptor(zero))
                .stdout(new StandardOutput.HostDescriptor(nothing))
                .build();
        try (Probe guest = new Probe(config)) {
            assertThat(guest.read(0, 10).fd()).isEqualTo(10);
            assertThat(guest.write(1, "x").fd()).isEqualTo(1);
            int stat = guest.reserve(24);
            guest.call("fd_fdstat_get", 1, stat);
            assertThat(guest.memory.getByte(stat)).isEqualTo(FileType.CHARACTER_DEVICE.code());
            // Not a terminal: those have no position.
            assertThat(guest.memory.getLong(stat + 8L) & Rights.POSITION).isEqualTo(Rights.POSITION);
            assertThat(guest.call("fd_filestat_set_times", 1, 0, 0, 5)).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(guest.call("fd_filestat_set_size", 1, 0)).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(guest.call("fd_fdstat_set_flags", 1, FdFlags.APPEND)).isEqualTo(Errno.ENOTSUP);
            assertThat(guest.call("fd_close", 1)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.write(1, "x").errno()).isEqualTo(Errno.EBADF);
        }
        Descriptors.close(zero);
        Descriptors.close(nothing);
    }

    @Test
    void aBrokenPipeAnswersEpipe() {
        Descriptors.Pipe pipe = Descriptors.pipe(OpenFlags.CLOSE_ON_EXEC);
        Descriptors.close(pipe.reader());
        WasiConfig config = WasiConfig.builder()
                .stdout(new StandardOutput.HostDescriptor(pipe.writer()))
                .build();
        try (Probe guest = new Probe(config)) {
            assertThat(guest.write(1, "x").errno()).isEqualTo(Errno.EPIPE);
        }
        Descriptors.close(pipe.writer());
    }
}
