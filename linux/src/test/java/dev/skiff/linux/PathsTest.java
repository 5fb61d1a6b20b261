package dev.skiff.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathsTest {
    @TempDir
    Path dir;

    private int root;

    @BeforeEach
    void openRoot() {
        root = Paths.OWN.open(dir.toString(), OpenFlags.DIRECTORY | OpenFlags.PATH | OpenFlags.CLOSE_ON_EXEC, 0);
    }

    @AfterEach
    void closeRoot() {
        Descriptors.close(root);
    }

    private static byte[] path(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void statusAgreesWithTheFile() throws Exception {
        Files.writeString(dir.resolve("f"), "hello");
        Files.createLink(dir.resolve("g"), dir.resolve("f"));
        FileStatus status = Paths.OWN.status(root, path("f"), 0);
        assertThat(status.type()).isEqualTo(FileStatus.REGULAR);
        assertThat(status.size()).isEqualTo(5);
        assertThat(status.links()).isEqualTo(2);
        assertThat(status.inode()).isEqualTo(Files.getAttribute(dir.resolve("f"), "unix:ino"));
        assertThat(status.mode() & 07777).isEqualTo((int) Files.getAttribute(dir.resolve("f"), "unix:mode") & 07777);
        assertThat(Paths.status(root).isDirectory()).isTrue();
    }

    @Test
    void permissionsAreSet() throws Exception {
        Files.writeString(dir.resolve("f"), "");
        int fd = Paths.OWN.open(root, path("f"), OpenFlags.READ_ONLY | OpenFlags.CLOSE_ON_EXEC, 0);
        Descriptors.setPermissions(fd, FileStatus.REGULAR | 0640);
        Descriptors.close(fd);
        assertThat(Paths.OWN.status(root, path("f"), 0).mode()).isEqualTo(FileStatus.REGULAR | 0640);
    }

    @Test
    void timesAreSetToTheNanosecondAndCanBeLeftAlone() throws Exception {
        Files.writeString(dir.resolve("f"), "");
        Paths.OWN.setTimes(root, path("f"), 1_000_000_001L, 2_000_000_002L, 0);
        Paths.OWN.setTimes(root, path("f"), Paths.TIME_OMIT, 3_000_000_003L, 0);
        FileStatus status = Paths.OWN.status(root, path("f"), 0);
        assertThat(status.accessed()).isEqualTo(1_000_000_001L);
        assertThat(status.modified()).isEqualTo(3_000_000_003L);
        Paths.OWN.setTimes(root, path("f"), Paths.TIME_OMIT, Paths.TIME_NOW, 0);
        assertThat(Paths.OWN.status(root, path("f"), 0).modified()).isGreaterThan(1_600_000_000_000_000_000L);
    }

    @Test
    void openBeneathRefusesToLeave() throws Exception {
        Files.createDirectory(dir.resolve("sub"));
        Files.createSymbolicLink(dir.resolve("sub/up"), Path.of("../.."));
        int flags = OpenFlags.PATH | OpenFlags.CLOSE_ON_EXEC;
        int beneath = OpenFlags.RESOLVE_BENEATH | OpenFlags.RESOLVE_NO_MAGICLINKS;
        Descriptors.close(Paths.OWN.open2(root, path("sub/.."), flags, 0, beneath));
        assertErrno(Errno.EXDEV, () -> Paths.OWN.open2(root, path(".."), flags, 0, beneath));
        assertErrno(Errno.EXDEV, () -> Paths.OWN.open2(root, path("/"), flags, 0, beneath));
        assertErrno(Errno.EXDEV, () -> Paths.OWN.open2(root, path("sub/up/x"), flags, 0, beneath));
        assertErrno(Errno.ENOENT, () -> Paths.OWN.open2(root, path("nothing"), flags, 0, beneath));
    }

    @Test
    void linksAreMadeReadRenamedAndRemoved() throws Exception {
        Files.writeString(dir.resolve("f"), "hello");
        Paths.OWN.symlink(path("f"), root, path("s"));
        assertThat(Paths.OWN.readLink(root, path("s"))).isEqualTo(path("f"));
        Paths.OWN.link(root, path("f"), root, path("h"), 0);
        Paths.OWN.rename(root, path("h"), root, path("i"), Paths.RENAME_NO_REPLACE);
        assertErrno(Errno.EEXIST, () -> Paths.OWN.rename(root, path("i"), root, path("f"), Paths.RENAME_NO_REPLACE));
        Paths.OWN.makeDirectory(root, path("d"), 0755);
        assertErrno(Errno.EISDIR, () -> Paths.OWN.unlink(root, path("d"), 0));
        Paths.OWN.unlink(root, path("d"), Paths.REMOVE_DIRECTORY);
        Paths.OWN.unlink(root, path("s"), 0);
        assertThat(dir.toFile().list()).containsExactlyInAnyOrder("f", "i");
    }

    @Test
    void directoryEntriesAreRead() throws Exception {
        for (int i = 0; i < 50; i++) {
            Files.writeString(dir.resolve("file" + i), "");
        }
        int fd = Paths.OWN.open(root, path("."), OpenFlags.DIRECTORY | OpenFlags.CLOSE_ON_EXEC, 0);
        List<String> names = new ArrayList<>();
        try (Buffer buffer = new Buffer(512)) {
            for (int n = Paths.readDirectory(fd, buffer.address, 512); n > 0; ) {
                for (int at = 0; at < n; at += NativeMemory.getShort(buffer.address + at + 16)) {
                    int length = 0;
                    while (NativeMemory.getByte(buffer.address + at + 19 + length) != 0) {
                        length++;
                    }
                    names.add(buffer.text(at + 19, length));
                }
                n = Paths.readDirectory(fd, buffer.address, 512);
            }
        }
        Descriptors.close(fd);
        assertThat(names).hasSize(52).contains(".", "..", "file0", "file49");
    }

    @Test
    void senselessPathsAreRefused() {
        assertErrno(Errno.EINVAL, () -> Paths.OWN.status(root, path("a\0b"), 0));
        assertErrno(Errno.ENAMETOOLONG, () -> Paths.OWN.status(root, path("a".repeat(4096)), 0));
        assertErrno(Errno.ENOENT, () -> Paths.OWN.status(root, path(""), 0));
        assertThatThrownBy(() -> Paths.OWN.open("/no/such/place", 0, 0))
                .hasMessage("open '/no/such/place': no such file or directory (ENOENT)");
    }
}
