package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.wasm.Limits;
import dev.skiff.wasm.MemoryKind;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FdTableTest {
    private static final int DIR = 3;

    @TempDir
    Path dir;

    private Probe guest() {
        return new Probe(WasiConfig.builder().directory(dir, "/").build());
    }

    private static int open(Probe guest, String name) {
        return guest.open(DIR, name, OFlags.CREAT, Rights.FD_READ | Rights.FD_WRITE)
                .fd();
    }

    /** Descriptors of this process that are open in the folder, or are deleted files or event counters. */
    private long hostDescriptors() throws IOException {
        long count = 0;
        for (File fd : new File("/proc/self/fd").listFiles()) {
            try {
                String target = Files.readSymbolicLink(fd.toPath()).toString();
                count += target.startsWith(dir.toString()) || target.contains("eventfd") || target.contains("pipe:")
                        ? 1
                        : 0;
            } catch (IOException e) {
                // Closed meanwhile.
            }
        }
        return count;
    }

    @Test
    void theLowestFreeNumberIsUsed() {
        try (Probe guest = guest()) {
            assertThat(open(guest, "a")).isEqualTo(4);
            assertThat(open(guest, "b")).isEqualTo(5);
            assertThat(open(guest, "c")).isEqualTo(6);
            guest.call("fd_close", 5);
            guest.call("fd_close", 4);
            assertThat(open(guest, "d")).isEqualTo(4);
            assertThat(open(guest, "e")).isEqualTo(5);
            assertThat(open(guest, "f")).isEqualTo(7);
            guest.call("fd_close", 0);
            assertThat(open(guest, "g")).isZero();
        }
    }

    @Test
    void renumberingLeaksNothing() throws IOException {
        try (Probe guest = guest()) {
            int kept = open(guest, "kept");
            long before = hostDescriptors();
            for (int i = 0; i < 100; i++) {
                int moved = open(guest, "moved");
                assertThat(guest.call("fd_renumber", moved, kept)).isEqualTo(Errno.SUCCESS);
                assertThat(guest.call("fd_close", moved)).isEqualTo(Errno.EBADF);
            }
            assertThat(guest.call("fd_renumber", kept, kept)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.call("fd_renumber", kept, 99)).isEqualTo(Errno.EBADF);
            assertThat(guest.call("fd_renumber", 99, kept)).isEqualTo(Errno.EBADF);
            assertThat(guest.call("fd_renumber", -1, kept)).isEqualTo(Errno.EBADF);
            assertThat(hostDescriptors()).isEqualTo(before);
        }
    }

    @Test
    void everythingIsClosedWithTheStore() throws IOException {
        long before = hostDescriptors();
        Probe guest = guest();
        for (int i = 0; i < 50; i++) {
            open(guest, "file" + i);
        }
        guest.open(DIR, ".", true, OFlags.DIRECTORY, Rights.DIRECTORY, Rights.ALL, 0)
                .fd();
        assertThat(hostDescriptors()).isEqualTo(before + 52);
        guest.close();
        guest.wasi.close();
        assertThat(hostDescriptors()).isEqualTo(before);
    }

    @Test
    void failuresLeakNothing() throws IOException {
        Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
        Files.createDirectory(dir.resolve("sub"));
        try (Probe guest = guest()) {
            long before = hostDescriptors();
            for (String path :
                    new String[] {"none/none", "loop", "sub/none/x", "sub/../../x", "sub/", "none/x/y", "sub/.."}) {
                assertThat(guest.open(DIR, path, OFlags.CREAT | OFlags.EXCL, Rights.FD_WRITE)
                                .errno())
                        .as(path)
                        .isNotEqualTo(Errno.SUCCESS);
                guest.path("path_create_directory", DIR, path + "/x/y");
                guest.path("path_remove_directory", DIR, path + "/.");
                guest.path("path_unlink_file", DIR, path + "/..");
                guest.call("path_filestat_get", DIR, 1, guest.put(path), path.length(), guest.reserve(64));
            }
            guest.call("path_open", DIR, 0, guest.put("x"), 1, OFlags.CREAT, 0, 0, 0, -4);
            assertThat(guest.open(DIR, "sub", false, 0, 0, 0, 99).errno()).isEqualTo(Errno.EINVAL);
            assertThat(hostDescriptors()).isEqualTo(before);
        }
    }

    @Test
    void theNumberOfOpenFilesIsLimited() throws IOException {
        WasiConfig config = WasiConfig.builder().directory(dir, "/").build();
        try (Probe guest = new Probe(config, Limits.DEFAULT.withMaxOpenFiles(6), MemoryKind.HEAP)) {
            open(guest, "a");
            int last = open(guest, "b");
            long before = hostDescriptors();
            assertThat(guest.open(DIR, "c", OFlags.CREAT, 0).errno()).isEqualTo(Errno.EMFILE);
            assertThat(dir.resolve("c")).doesNotExist();
            assertThat(hostDescriptors()).isEqualTo(before);
            guest.call("fd_renumber", last, 0);
            assertThat(open(guest, "c")).isEqualTo(last);
        }
        assertThatThrownBy(() -> new Probe(config, Limits.DEFAULT.withMaxOpenFiles(3), MemoryKind.HEAP))
                .isInstanceOf(WasiSetupException.class)
                .hasMessageContaining("3 open files");
    }

    @Test
    void aDirectoryThatDoesNotExistIsNamed() {
        WasiConfig config =
                WasiConfig.builder().directory(dir.resolve("none"), "/data").build();
        assertThatThrownBy(() -> new Probe(config))
                .isInstanceOf(WasiSetupException.class)
                .hasMessage("cannot open the directory '" + dir.resolve("none")
                        + "', which the guest is to see as '/data': no such file or directory");
    }

    @Test
    void rightsOnlyShrink() {
        try (Probe guest = guest()) {
            int fd = open(guest, "a");
            assertThat(guest.call("fd_fdstat_set_rights", fd, Rights.FD_READ, 0))
                    .isEqualTo(Errno.SUCCESS);
            assertThat(guest.write(fd, "x").errno()).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(guest.call("fd_fdstat_set_rights", fd, Rights.FD_READ | Rights.FD_WRITE, 0))
                    .isEqualTo(Errno.ENOTCAPABLE);
            assertThat(guest.call("fd_fdstat_set_rights", DIR, Rights.PATH_OPEN, Rights.FD_READ))
                    .isEqualTo(Errno.SUCCESS);
            assertThat(guest.open(DIR, "a", 0, Rights.FD_WRITE).errno()).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(guest.open(DIR, "a", 0, Rights.FD_READ).errno()).isEqualTo(Errno.SUCCESS);
            assertThat(guest.open(DIR, "b", OFlags.CREAT, 0).errno()).isEqualTo(Errno.ENOTCAPABLE);
        }
    }
}
