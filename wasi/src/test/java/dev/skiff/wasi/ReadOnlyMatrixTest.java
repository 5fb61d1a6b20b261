package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every call that changes something, on a directory to write and on a directory to read only; and without the right.
 */
class ReadOnlyMatrixTest {
    private static final int WRITABLE = 3;
    private static final int READ_ONLY = 4;

    @TempDir
    Path temp;

    private Path writable;
    private Path readOnly;

    @BeforeEach
    void makeFolders() throws IOException {
        writable = folder("writable");
        readOnly = folder("readonly");
    }

    private Path folder(String name) throws IOException {
        Path folder = Files.createDirectory(temp.resolve(name));
        Files.writeString(folder.resolve("file"), "content");
        Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
        Files.createDirectory(folder.resolve("empty"));
        Files.createDirectory(folder.resolve("full"));
        Files.writeString(folder.resolve("full/file"), "content");
        return folder;
    }

    private Probe guest() {
        return new Probe(WasiConfig.builder()
                .directory(writable, "/rw")
                .readOnlyDirectory(readOnly, "/ro")
                .build());
    }

    private static Errno two(Probe guest, String call, int from, String old, int to, String target) {
        return guest.call(call, from, guest.put(old), old.length(), to, guest.put(target), target.length());
    }

    private static Errno link(Probe guest, int from, String old, int to, String target) {
        return guest.call("path_link", from, 0, guest.put(old), old.length(), to, guest.put(target), target.length());
    }

    private static Errno times(Probe guest, int dir, String path, int follow) {
        return guest.call("path_filestat_set_times", dir, follow, guest.put(path), path.length(), 1_000, 2_000, 5);
    }

    private static Errno onFile(Probe guest, int dir, Function<Integer, Errno> call) {
        int fd = guest.open(dir, "file", 0, Rights.FD_READ | Rights.FD_FILESTAT_SET_TIMES)
                .fd();
        return call.apply(fd);
    }

    /** Each call as a function of the directory; each must succeed where it is allowed. */
    private static Map<String, Action> changes() {
        Map<String, Action> calls = new LinkedHashMap<>();
        calls.put(
                "open to write", (g, d) -> g.open(d, "file", 0, Rights.FD_WRITE).errno());
        calls.put(
                "open to read and write",
                (g, d) -> g.open(d, "file", 0, Rights.FD_READ | Rights.FD_WRITE).errno());
        calls.put(
                "open to allocate",
                (g, d) -> g.open(d, "file", 0, Rights.FD_ALLOCATE).errno());
        calls.put(
                "open to set the size",
                (g, d) -> g.open(d, "file", 0, Rights.FD_FILESTAT_SET_SIZE).errno());
        calls.put(
                "open and truncate",
                (g, d) -> g.open(d, "file", OFlags.TRUNC, Rights.FD_READ).errno());
        calls.put(
                "open and truncate without rights",
                (g, d) -> g.open(d, "file", OFlags.TRUNC, 0).errno());
        calls.put(
                "truncate through a link",
                (g, d) -> g.open(d, "link", OFlags.TRUNC, 0).errno());
        calls.put(
                "create",
                (g, d) -> g.open(d, "new", OFlags.CREAT, Rights.FD_READ).errno());
        calls.put(
                "create anew",
                (g, d) -> g.open(d, "new", OFlags.CREAT | OFlags.EXCL, 0).errno());
        calls.put(
                "create and truncate",
                (g, d) -> g.open(d, "new", OFlags.CREAT | OFlags.TRUNC, 0).errno());
        calls.put("make a directory", (g, d) -> g.path("path_create_directory", d, "new"));
        calls.put("remove a directory", (g, d) -> g.path("path_remove_directory", d, "empty"));
        calls.put("remove a file", (g, d) -> g.path("path_unlink_file", d, "file"));
        calls.put("remove a file deeper down", (g, d) -> g.path("path_unlink_file", d, "full/file"));
        calls.put("make a symbolic link", (g, d) -> g.call("path_symlink", g.put("file"), 4, d, g.put("new"), 3));
        calls.put("rename", (g, d) -> two(g, "path_rename", d, "file", d, "new"));
        calls.put("rename over", (g, d) -> two(g, "path_rename", d, "file", d, "full/file"));
        calls.put("rename into", (g, d) -> two(g, "path_rename", WRITABLE, "file", d, "new"));
        calls.put("rename out", (g, d) -> two(g, "path_rename", d, "file", WRITABLE, "new"));
        calls.put("hard link", (g, d) -> link(g, d, "file", d, "new"));
        calls.put("hard link into", (g, d) -> link(g, WRITABLE, "file", d, "new"));
        calls.put("hard link out", (g, d) -> link(g, d, "file", WRITABLE, "new"));
        calls.put("set times", (g, d) -> times(g, d, "file", 1));
        calls.put("set times of a link", (g, d) -> times(g, d, "link", 0));
        calls.put("set times through a link", (g, d) -> times(g, d, "link", 1));
        calls.put(
                "set times of an open file",
                (g, d) -> onFile(g, d, fd -> g.call("fd_filestat_set_times", fd, 1_000, 2_000, 5)));
        calls.put("set times of the directory", (g, d) -> g.call("fd_filestat_set_times", d, 1_000, 2_000, 5));
        calls.put("set times of a directory in it", (g, d) -> {
            int fd = g.open(d, "empty", OFlags.DIRECTORY, Rights.FD_FILESTAT_SET_TIMES)
                    .fd();
            return g.call("fd_filestat_set_times", fd, 1_000, 2_000, 5);
        });
        calls.put("create beneath a directory in it", (g, d) -> {
            int fd = g.open(d, "empty", true, OFlags.DIRECTORY, Rights.DIRECTORY, Rights.ALL, 0)
                    .fd();
            return g.open(fd, "new", OFlags.CREAT, 0).errno();
        });
        return calls;
    }

    private interface Action {
        Errno on(Probe guest, int directory);
    }

    @TestFactory
    Stream<DynamicTest> everyChangeWorksWhereItIsAllowed() {
        return changes().entrySet().stream()
                .map(change -> DynamicTest.dynamicTest(change.getKey(), () -> {
                    fresh();
                    try (Probe guest = guest()) {
                        assertThat(change.getValue().on(guest, WRITABLE)).isEqualTo(Errno.SUCCESS);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyChangeIsRefusedInAReadOnlyDirectory() {
        return changes().entrySet().stream()
                .map(change -> DynamicTest.dynamicTest(change.getKey(), () -> {
                    fresh();
                    String before = state(readOnly);
                    try (Probe guest = guest()) {
                        assertThat(change.getValue().on(guest, READ_ONLY)).isEqualTo(Errno.EROFS);
                    }
                    assertThat(state(readOnly)).isEqualTo(before);
                    assertThat(writable.resolve("file")).hasContent("content");
                    assertThat(writable.resolve("new")).doesNotExist();
                }));
    }

    @TestFactory
    Stream<DynamicTest> readingWorksInAReadOnlyDirectory() {
        Map<String, Action> reads = new LinkedHashMap<>();
        reads.put(
                "read",
                (g, d) -> g.read(g.open(d, "file", 0, Rights.FD_READ).fd(), 10).errno());
        reads.put(
                "create what is there",
                (g, d) -> g.open(d, "file", OFlags.CREAT, Rights.FD_READ).errno());
        reads.put("status", (g, d) -> g.call("path_filestat_get", d, 1, g.put("link"), 4, g.reserve(64)));
        reads.put("link", (g, d) -> g.call("path_readlink", d, g.put("link"), 4, g.reserve(9), 9, g.reserve(4)));
        reads.put("entries", (g, d) -> g.call("fd_readdir", d, g.reserve(500), 500, 0, g.reserve(4)));
        return reads.entrySet().stream()
                .map(read -> DynamicTest.dynamicTest(read.getKey(), () -> {
                    fresh();
                    try (Probe guest = guest()) {
                        assertThat(read.getValue().on(guest, READ_ONLY)).isEqualTo(Errno.SUCCESS);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> whatIsNotThereOrADirectoryIsSaidSo() {
        Map<String, Action> errors = new LinkedHashMap<>();
        errors.put("ENOENT", (g, d) -> g.open(d, "nothing", 0, Rights.FD_WRITE).errno());
        errors.put("EISDIR", (g, d) -> g.open(d, "empty", 0, Rights.FD_WRITE).errno());
        errors.put(
                "EEXIST",
                (g, d) -> g.open(d, "file", OFlags.CREAT | OFlags.EXCL, 0).errno());
        errors.put(
                "ENOTDIR",
                (g, d) -> g.open(d, "file", OFlags.DIRECTORY, Rights.FD_WRITE).errno());
        return errors.entrySet().stream()
                .map(error -> DynamicTest.dynamicTest(error.getKey(), () -> {
                    fresh();
                    try (Probe guest = guest()) {
                        for (int d = WRITABLE; d <= READ_ONLY; d++) {
                            assertThat(error.getValue().on(guest, d)).hasToString(error.getKey());
                        }
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyChangeNeedsItsRight() {
        return changes().entrySet().stream()
                .filter(change ->
                        !change.getKey().contains("into") && !change.getKey().contains("out"))
                .map(change -> DynamicTest.dynamicTest(change.getKey(), () -> {
                    fresh();
                    String before = state(writable);
                    try (Probe guest = guest()) {
                        long kept = Rights.PATH_OPEN | Rights.PATH_FILESTAT_GET;
                        guest.call("fd_fdstat_set_rights", WRITABLE, kept, kept | Rights.FD_READ);
                        Errno errno;
                        try {
                            errno = change.getValue().on(guest, WRITABLE);
                        } catch (AssertionError e) {
                            errno = Errno.ENOTCAPABLE;
                            assertThat(e).hasMessageContaining("ENOTCAPABLE");
                        }
                        assertThat(errno).isEqualTo(Errno.ENOTCAPABLE);
                    }
                    assertThat(state(writable)).isEqualTo(before);
                }));
    }

    private void fresh() throws IOException {
        try (Stream<Path> files = Files.walk(temp)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                if (!file.equals(temp)) {
                    Files.delete(file);
                }
            }
        }
        makeFolders();
    }

    private static String state(Path folder) throws IOException {
        StringBuilder state = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted().toList()) {
                Map<String, Object> attributes = Files.readAttributes(
                        file, "unix:mode,size,nlink,lastModifiedTime,ino", java.nio.file.LinkOption.NOFOLLOW_LINKS);
                state.append(folder.relativize(file))
                        .append(' ')
                        .append(new java.util.TreeMap<>(attributes))
                        .append('\n');
            }
        }
        return state.toString();
    }
}
