package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.Execution;
import dev.skiff.host.ModuleSource;
import dev.skiff.host.Runner;
import dev.skiff.host.Workload;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.wasi.StandardInput;
import dev.skiff.wasi.StandardOutput;
import dev.skiff.wasm.Engine;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams without terminals. */
@Timeout(60)
class TaskIoTest {
    private static final TaskKey TASK = new TaskKey("k8s.io", "box");

    @TempDir
    private Path dir;

    private static TaskIo open(String in, String out, String err) {
        return TaskIo.open(TASK, new Streams(in, out, err, false));
    }

    private static int fd(StandardOutput output) {
        return ((StandardOutput.HostDescriptor) output).fd();
    }

    @Test
    void aFileAndItsFoldersAreMadeAndItGrows() throws IOException {
        Path file = dir.resolve("a/b/c.log");
        for (int i = 1; i <= 2; i++) {
            try (TaskIo io = open("", file.toUri().toString(), "")) {
                Raw.write(fd(io.stdio().out()), "run " + i + "\n");
            }
        }

        assertThat(file).hasContent("run 1\nrun 2");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwxr-xr-x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r--r--");
    }

    @Test
    void bothStreamsMayBeTheSameFile() {
        Path file = dir.resolve("log");
        try (TaskIo io = open("", "file://" + file, "file://" + file)) {
            Raw.write(fd(io.stdio().out()), "1\n");
            Raw.write(fd(io.stdio().err()), "2\n");
            Raw.write(fd(io.stdio().out()), "3\n");
            io.complain("4");
        }

        assertThat(file).hasContent("1\n2\n3\n4\n");
    }

    @Test
    void aFolderThatCannotBeMadeIsSaid() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));

        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> open("", "file://" + file + "/log", ""))
                .withMessageContaining("the folder of the output " + file + "/log cannot be made");
    }

    @Test
    void aFullDiskFailsTheWriteAndNothingElse() {
        try (TaskIo io = open("", "file:///dev/full", "file:///dev/full")) {
            assertThatExceptionOfType(LinuxException.class)
                    .isThrownBy(() -> Raw.write(fd(io.stdio().out()), "x"))
                    .withMessageContaining("ENOSPC");
            io.complain("nobody will read this");
        }
    }

    @Test
    void aGuestOnAFullDiskGoesOn() throws Exception {
        Path in = Raw.fifo(dir.resolve("in"));
        try (TaskIo io = open(in.toString(), "file:///dev/full", "");
                Engine engine = Engine.builder().build();
                Execution cat = new Runner(engine)
                        .prepare(Workload.of(new ModuleSource.OfBytes("cat", Guests.CAT))
                                .stdio(io.stdio())
                                .build())) {
            cat.start();
            Files.writeString(in, "lost\n");
            io.closeInput();

            assertThat(cat.await().code()).isZero();
        }
    }

    @Test
    void inputEndsWhenItIsClosedAndEverybodyWhoWritesIsGone() throws Exception {
        Path in = Raw.fifo(dir.resolve("in"));
        try (TaskIo io = open(in.toString(), "", "")) {
            int fd = ((StandardInput.HostDescriptor) io.stdio().in()).fd();
            Files.writeString(in, "one");
            assertThat(Raw.read(fd)).isEqualTo("one");
            Files.writeString(in, "two");
            io.closeInput();
            io.closeInput();

            assertThat(Raw.read(fd)).isEqualTo("two");
            assertThat(Raw.read(fd)).isEmpty();
        }
    }

    @Test
    void aReaderOfAPipeMayComeBack() throws Exception {
        Path out = Raw.fifo(dir.resolve("out"));
        int first = Raw.reader(out);
        TaskIo io = open("", out.toString(), "");
        try (InputStream reader = new FileInputStream(out.toFile())) {
            Raw.write(fd(io.stdio().out()), "one");
            assertThat(reader.readNBytes(3)).asString(StandardCharsets.UTF_8).isEqualTo("one");
        }
        Descriptors.close(first);
        Raw.write(fd(io.stdio().out()), "two");
        try (InputStream reader = new FileInputStream(out.toFile())) {
            io.close();
            assertThat(reader.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("two");
        }
    }

    @Test
    void aLoggerTakesBothStreams() throws Exception {
        Path program = Files.writeString(dir.resolve("logger"), """
                #!/bin/sh
                exec 5>&-
                cat <&3 >"$1.out"
                cat <&4 >"$1.err"
                mv "$1.err" "$1.end"
                """);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        String uri = "binary://" + program + "?" + dir.resolve("log");

        try (TaskIo io = open("", uri, uri)) {
            Raw.write(fd(io.stdio().out()), "hello\n");
            Raw.write(fd(io.stdio().err()), "oh\n");
            io.complain("dear");
        }

        while (!Files.exists(dir.resolve("log.end"))) {
            Thread.sleep(10);
        }
        assertThat(dir.resolve("log.out")).hasContent("hello\n");
        assertThat(dir.resolve("log.end")).hasContent("oh\ndear\n");
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> open("", uri, "file://" + dir.resolve("other")))
                .withMessageStartingWith("a logger takes both streams")
                .extracting(RpcException::code)
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> open("", "", uri))
                .withMessageStartingWith("a logger takes both streams");
    }

    @Test
    void streamsThatAreNotThereAreSaid() {
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> open("", dir + "/none", ""))
                .withMessageStartingWith("a standard stream cannot be opened: open '" + dir + "/none'");
    }

    @Test
    void withoutATerminalItsVerbsDoNothing() {
        try (TaskIo io = TaskIo.open(TASK, new Streams("", "", "", false))) {
            io.start(signal -> {});
            io.resize(80, 25);
            assertThat(io.stdio().in()).isEqualTo(StandardInput.EMPTY);
            assertThat(io.stdio().out()).isEqualTo(StandardOutput.DISCARD);
        }
    }
}
