package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.Limits;
import dev.skiff.wasm.MemoryKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileCallsTest {
    private static final int DIR = 3;
    private static final long ALL = Rights.FILE;
    private static final int END_OF_MEMORY = 4 * 65_536;

    @TempDir
    Path dir;

    private Probe guest(MemoryKind kind) {
        return new Probe(WasiConfig.builder().directory(dir, "/").build(), Limits.DEFAULT, kind);
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void buffersAreFilledInTheirOrder(MemoryKind kind) throws IOException {
        try (Probe guest = guest(kind)) {
            int fd = guest.open(DIR, "f", OFlags.CREAT, ALL).fd();
            int list = guest.reserve(40);
            String[] parts = {"ab", "", "cde", "f", "ghij"};
            for (int i = 0; i < parts.length; i++) {
                guest.memory.putInt(list + 8L * i, guest.put(parts[i]));
                guest.memory.putInt(list + 8L * i + 4, parts[i].length());
            }
            int result = guest.reserve(4);
            assertThat(guest.call("fd_write", fd, list, parts.length, result)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.memory.getInt(result)).isEqualTo(10);
            assertThat(dir.resolve("f")).hasContent("abcdefghij");

            assertThat(guest.call("fd_pread", fd, list, parts.length, 1, result))
                    .isEqualTo(Errno.SUCCESS);
            assertThat(guest.memory.getInt(result)).isEqualTo(9);
            assertThat(guest.text(guest.memory.getInt(list), 2)).isEqualTo("bc");
            assertThat(guest.text(guest.memory.getInt(list + 16L), 3)).isEqualTo("def");
            assertThat(guest.text(guest.memory.getInt(list + 32L), 4)).isEqualTo("hijj");
            assertThat(guest.call("fd_pwrite", fd, guest.list(guest.put("XY"), 2), 1, 4, result))
                    .isEqualTo(Errno.SUCCESS);
            assertThat(Files.readString(dir.resolve("f"))).isEqualTo("abcdXYghij");
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void largeTransfersArriveWhole(MemoryKind kind) throws IOException {
        byte[] data = new byte[200_000];
        new java.util.Random(1).nextBytes(data);
        Files.write(dir.resolve("in"), data);
        try (Probe guest = guest(kind)) {
            int in = guest.open(DIR, "in", 0, ALL).fd();
            int out = guest.open(DIR, "out", OFlags.CREAT, ALL).fd();
            int buffer = 8_192;
            int list = guest.list(buffer, data.length);
            int result = guest.reserve(4);
            int read;
            do {
                assertThat(guest.call("fd_read", in, list, 1, result)).isEqualTo(Errno.SUCCESS);
                read = guest.memory.getInt(result);
                for (int done = 0; done < read; done += guest.memory.getInt(result)) {
                    int rest = guest.list(buffer + done, read - done);
                    assertThat(guest.call("fd_write", out, rest, 1, result)).isEqualTo(Errno.SUCCESS);
                }
            } while (read > 0);
        }
        assertThat(Files.readAllBytes(dir.resolve("out"))).isEqualTo(data);
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void badPointersAnswerEfaultAndDoNothing(MemoryKind kind) throws IOException {
        Files.writeString(dir.resolve("f"), "content");
        try (Probe guest = guest(kind)) {
            int fd = guest.open(DIR, "f", 0, ALL).fd();
            int ok = guest.reserve(64);
            int good = guest.list(guest.put("x"), 1);
            for (int bad : new int[] {END_OF_MEMORY, END_OF_MEMORY - 3, -1, -8, Integer.MIN_VALUE}) {
                assertThat(guest.call("fd_write", fd, bad, 1, ok)).isEqualTo(Errno.EFAULT);
                assertThat(guest.call("fd_write", fd, good, 1, bad)).isEqualTo(Errno.EFAULT);
                assertThat(guest.call("fd_write", fd, guest.list(bad, 8), 1, ok))
                        .isEqualTo(Errno.EFAULT);
                assertThat(guest.call("fd_read", fd, guest.list(bad, 8), 1, ok)).isEqualTo(Errno.EFAULT);
                assertThat(guest.call("fd_read", fd, guest.list(ok, bad), 1, ok))
                        .isEqualTo(Errno.EFAULT);
                assertThat(guest.call("fd_readdir", DIR, bad, 100, 0, ok)).isEqualTo(Errno.EFAULT);
                assertThat(guest.call("fd_filestat_get", fd, bad)).isEqualTo(Errno.EFAULT);
                assertThat(guest.call("fd_fdstat_get", fd, bad)).isEqualTo(Errno.EFAULT);
                assertThat(guest.call("fd_prestat_get", DIR, bad)).isEqualTo(Errno.EFAULT);
                assertThat(guest.call("path_open", DIR, 0, bad, 9, OFlags.CREAT, 0, 0, 0, ok))
                        .isEqualTo(Errno.EFAULT);
                assertThat(guest.call("path_open", DIR, 0, guest.put("n"), 1, OFlags.CREAT, 0, 0, 0, bad))
                        .isEqualTo(Errno.EFAULT);
                assertThat(guest.call("random_get", bad, 16)).isEqualTo(Errno.EFAULT);
                assertThat(guest.call("clock_time_get", 0, 0, bad)).isEqualTo(Errno.EFAULT);
                assertThat(guest.call("args_sizes_get", bad, ok)).isEqualTo(Errno.EFAULT);
                assertThat(guest.call("poll_oneoff", bad, ok, 1, ok)).isEqualTo(Errno.EFAULT);
            }
            assertThat(guest.call("fd_write", fd, good, Integer.MAX_VALUE, ok)).isEqualTo(Errno.EFAULT);
            assertThat(guest.call("random_get", 0, -1)).isEqualTo(Errno.EFAULT);
        }
        assertThat(dir.toFile().list()).containsExactly("f");
        assertThat(dir.resolve("f")).hasContent("content");
    }

    @Test
    void pointersNeedNoAlignment() {
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            guest.memory.putInt(1_001, guest.put("hello"));
            guest.memory.putInt(1_005, 5);
            int fd = guest.open(DIR, "f", OFlags.CREAT, ALL).fd();
            assertThat(guest.call("fd_write", fd, 1_001, 1, 1_011)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.memory.getInt(1_011)).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryKind.class)
    void moreBuffersThanTheKernelTakesAreWrittenInPart(MemoryKind kind) {
        try (Probe guest = guest(kind)) {
            int fd = guest.open(DIR, "f", OFlags.CREAT, ALL).fd();
            int list = guest.reserve(8 * 2_000);
            int x = guest.put("x");
            for (int i = 0; i < 2_000; i++) {
                guest.memory.putInt(list + 8L * i, x);
                guest.memory.putInt(list + 8L * i + 4, 1);
            }
            int result = guest.reserve(4);
            assertThat(guest.call("fd_write", fd, list, 2_000, result)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.memory.getInt(result)).isEqualTo(1_024);
        }
    }

    @Test
    void positionsFollowTheRules() throws IOException {
        Files.writeString(dir.resolve("f"), "0123456789");
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            int fd = guest.open(DIR, "f", 0, ALL).fd();
            int at = guest.reserve(8);
            assertThat(guest.call("fd_seek", fd, -3, 2, at)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.memory.getLong(at)).isEqualTo(7);
            assertThat(guest.call("fd_seek", fd, -1, 0, at)).isEqualTo(Errno.EINVAL);
            assertThat(guest.call("fd_seek", fd, 0, 3, at)).isEqualTo(Errno.EINVAL);
            assertThat(guest.call("fd_tell", fd, at)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.memory.getLong(at)).isEqualTo(7);
            assertThat(guest.call("fd_allocate", fd, 0, 20)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.call("fd_allocate", fd, 0, 0)).isEqualTo(Errno.EINVAL);
            assertThat(guest.call("fd_filestat_set_size", fd, -1)).isEqualTo(Errno.EINVAL);
            assertThat(Files.size(dir.resolve("f"))).isEqualTo(20);
            assertThat(guest.call("fd_advise", fd, 0, 0, 6)).isEqualTo(Errno.EINVAL);
            assertThat(guest.call("fd_advise", fd, 0, 10, 5)).isEqualTo(Errno.SUCCESS);

            guest.call("fd_fdstat_set_rights", fd, Rights.FD_TELL | Rights.FD_READ, 0);
            assertThat(guest.call("fd_seek", fd, 0, 1, at)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.call("fd_seek", fd, 1, 1, at)).isEqualTo(Errno.ENOTCAPABLE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 64, 300, 4_096, 100_000})
    void entriesAreReadPieceByPiece(int room) throws IOException {
        List<String> expected = new ArrayList<>(List.of(".", ".."));
        for (int i = 0; i < 300; i++) {
            String name = "n".repeat(i % 10) + i;
            Files.writeString(dir.resolve(name), "");
            expected.add(name);
        }
        List<String> names = new ArrayList<>();
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            int buffer = guest.reserve(room);
            int result = guest.reserve(4);
            long cookie = 0;
            int used;
            do {
                assertThat(guest.call("fd_readdir", DIR, buffer, room, cookie, result))
                        .isEqualTo(Errno.SUCCESS);
                used = guest.memory.getInt(result);
                assertThat(used).isBetween(0, room);
                int at = 0;
                while (at + 24 <= used && at + 24 + guest.memory.getInt(buffer + at + 16L) <= used) {
                    int length = guest.memory.getInt(buffer + at + 16L);
                    names.add(guest.text(buffer + at + 24, length));
                    cookie = guest.memory.getLong(buffer + at);
                    at += 24 + length;
                }
            } while (used == room);
        }
        assertThat(names).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void cookiesStayGoodWhileEntriesGo() throws IOException {
        for (int i = 0; i < 20; i++) {
            Files.writeString(dir.resolve("f" + i), "");
        }
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            int buffer = guest.reserve(4_096);
            int result = guest.reserve(4);
            guest.call("fd_readdir", DIR, buffer, 4_096, 0, result);
            List<String> all = new ArrayList<>();
            List<Long> cookies = new ArrayList<>();
            for (int at = 0; at < guest.memory.getInt(result); at += 24 + guest.memory.getInt(buffer + at + 16L)) {
                all.add(guest.text(buffer + at + 24, guest.memory.getInt(buffer + at + 16L)));
                cookies.add(guest.memory.getLong(buffer + at));
            }
            for (String gone : all.subList(0, 10)) {
                if (gone.startsWith("f")) {
                    Files.delete(dir.resolve(gone));
                }
            }
            guest.call("fd_readdir", DIR, buffer, 4_096, cookies.get(11), result);
            assertThat(guest.text(buffer + 24, guest.memory.getInt(buffer + 16L)))
                    .isEqualTo(all.get(12));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0", "a\0b"})
    void senselessPathsAreRefused(String path) {
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            Errno expected = path.isEmpty() ? Errno.ENOENT : Errno.EINVAL;
            assertThat(guest.open(DIR, path, OFlags.CREAT, 0).errno()).isEqualTo(expected);
            assertThat(guest.path("path_create_directory", DIR, path)).isEqualTo(expected);
            assertThat(guest.path("path_unlink_file", DIR, path)).isEqualTo(expected);
        }
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void longPathsAreRefused() {
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            assertThat(guest.open(DIR, "a".repeat(256), OFlags.CREAT, 0).errno())
                    .isEqualTo(Errno.ENAMETOOLONG);
            assertThat(guest.open(DIR, "a/".repeat(2_500), OFlags.CREAT, 0).errno())
                    .isEqualTo(Errno.ENAMETOOLONG);
            assertThat(guest.call("path_create_directory", DIR, 0, END_OF_MEMORY))
                    .isEqualTo(Errno.ENAMETOOLONG);
        }
    }

    @Test
    void dotsAsTheLastComponentAreRefusedAsPosixSays() throws IOException {
        Files.createDirectories(dir.resolve("d/e"));
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            assertThat(guest.path("path_create_directory", DIR, ".")).isEqualTo(Errno.EEXIST);
            assertThat(guest.path("path_remove_directory", DIR, "d/.")).isEqualTo(Errno.EINVAL);
            assertThat(guest.path("path_remove_directory", DIR, "d/e/..")).isEqualTo(Errno.ENOTEMPTY);
            assertThat(guest.path("path_unlink_file", DIR, "d/..")).isEqualTo(Errno.EISDIR);
            assertThat(guest.path("path_remove_directory", DIR, "none/..")).isEqualTo(Errno.ENOENT);
            assertThat(guest.path("path_create_directory", DIR, "d/new/")).isEqualTo(Errno.SUCCESS);
        }
    }

    @Test
    void flagsOfAnOpenFileCanChangeAsFarAsTheKernelCan() throws IOException {
        try (Probe guest = guest(MemoryKind.OFF_HEAP)) {
            int fd = guest.open(DIR, "f", true, OFlags.CREAT, ALL, 0, FdFlags.SYNC)
                    .fd();
            assertThat(guest.call("fd_fdstat_set_flags", fd, FdFlags.SYNC | FdFlags.APPEND | FdFlags.NONBLOCK))
                    .isEqualTo(Errno.SUCCESS);
            guest.write(fd, "ab");
            guest.call("fd_seek", fd, 0, 0, guest.reserve(8));
            guest.write(fd, "cd");
            assertThat(dir.resolve("f")).hasContent("abcd");
            assertThat(guest.call("fd_fdstat_set_flags", fd, 0)).isEqualTo(Errno.ENOTSUP);
            assertThat(guest.call("fd_fdstat_set_flags", fd, 32)).isEqualTo(Errno.EINVAL);
            assertThat(guest.call("fd_sync", fd)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.call("fd_datasync", fd)).isEqualTo(Errno.SUCCESS);
        }
    }
}
