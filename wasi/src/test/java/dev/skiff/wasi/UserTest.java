package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.linux.Capability;
import dev.skiff.linux.FileUser;
import dev.skiff.linux.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A guest that is somebody to the files, with both ways of confining paths. Its thread has its own rights again after every call. */
class UserTest {
    private static final int DIR = 3;
    private static final long READ = Rights.FD_READ;
    private static final long WRITE = Rights.FD_WRITE;
    private static final FileUser USER = new FileUser(1_000, 1_001, List.of(2_000L), 0, Set.of());

    @TempDir
    private Path dir;

    private List<String> before;

    static Stream<Beneath> ways() {
        return Stream.of(KernelBeneath.INSTANCE, WalkBeneath.INSTANCE);
    }

    @BeforeEach
    void makeFiles() throws IOException {
        Assumptions.assumeTrue(Files.getAttribute(dir, "unix:uid").equals(0), "only root can act as somebody else");
        own(dir, 1_000, 1_000, "rwxr-xr-x");
        own(Files.createDirectory(dir.resolve("closed")), 0, 0, "rwx------");
        own(Files.writeString(dir.resolve("closed/inner"), "x"), 1_000, 1_000, "rw-rw-rw-");
        own(Files.createDirectory(dir.resolve("roots")), 0, 0, "rwxr-xr-x");
        own(Files.writeString(dir.resolve("roots/public"), "x"), 0, 0, "rw-r--r--");
        own(Files.writeString(dir.resolve("roots/secret"), "x"), 0, 0, "rw-------");
        own(Files.writeString(dir.resolve("roots/group"), "x"), 0, 2_000, "rw-r-----");
        before = rights();
    }

    @AfterEach
    void theThreadHasItsOwnRightsAgain() throws IOException {
        if (before != null) {
            assertThat(rights()).isEqualTo(before);
        }
    }

    private static List<String> rights() throws IOException {
        return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .filter(line -> line.matches("(Uid|Gid|Groups|Cap\\w+):.*"))
                .toList();
    }

    private static void own(Path path, int uid, int gid, String permissions) throws IOException {
        Files.setAttribute(path, "unix:uid", uid);
        Files.setAttribute(path, "unix:gid", gid);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private Probe guest(Beneath way) {
        return new Probe(
                WasiConfig.builder().directory(dir, "/").user(USER).beneath(way).build());
    }

    private static Errno two(Probe guest, String call, String from, String to) {
        int old = guest.put(from);
        int made = guest.put(to);
        return call.equals("path_link")
                ? guest.call(call, DIR, 0, old, from.length(), DIR, made, to.length())
                : guest.call(call, DIR, old, from.length(), DIR, made, to.length());
    }

    private static Errno status(Probe guest, String path) {
        return guest.call("path_filestat_get", DIR, 1, guest.put(path), path.length(), guest.reserve(64));
    }

    private static Errno touch(Probe guest, String path) {
        return guest.call("path_filestat_set_times", DIR, 1, guest.put(path), path.length(), 0, 0, 5);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whatTheUserMayNotIsRefused(Beneath way) throws IOException {
        try (Probe guest = guest(way)) {
            assertThat(guest.open(DIR, "roots/secret", 0, READ).errno()).isEqualTo(Errno.EACCES);
            assertThat(guest.open(DIR, "roots/public", 0, WRITE).errno()).isEqualTo(Errno.EACCES);
            assertThat(guest.open(DIR, "roots/public", OFlags.TRUNC, READ).errno())
                    .isEqualTo(Errno.EACCES);
            assertThat(guest.open(DIR, "roots/new", OFlags.CREAT, WRITE).errno())
                    .isEqualTo(Errno.EACCES);
            assertThat(guest.open(DIR, "closed", OFlags.DIRECTORY, READ).errno())
                    .isEqualTo(Errno.EACCES);
            assertThat(guest.open(DIR, "closed/inner", 0, READ).errno()).isEqualTo(Errno.EACCES);
            assertThat(status(guest, "closed/inner")).isEqualTo(Errno.EACCES);
            assertThat(touch(guest, "closed/inner")).isEqualTo(Errno.EACCES);
            assertThat(touch(guest, "roots/public")).isEqualTo(Errno.EPERM);
            assertThat(guest.path("path_create_directory", DIR, "roots/new")).isEqualTo(Errno.EACCES);
            assertThat(guest.path("path_remove_directory", DIR, "closed")).isEqualTo(Errno.ENOTEMPTY);
            assertThat(guest.path("path_unlink_file", DIR, "roots/public")).isEqualTo(Errno.EACCES);
            assertThat(two(guest, "path_rename", "roots/public", "stolen")).isEqualTo(Errno.EACCES);
            assertThat(two(guest, "path_rename", "closed/inner", "stolen")).isEqualTo(Errno.EACCES);
            assertThat(two(guest, "path_link", "closed/inner", "stolen")).isEqualTo(Errno.EACCES);
            int text = guest.put("x");
            int path = guest.put("roots/link");
            assertThat(guest.call("path_symlink", text, 1, DIR, path, 10)).isEqualTo(Errno.EACCES);

            int file = guest.open(DIR, "roots/public", 0, READ | Rights.FD_FILESTAT_SET_TIMES)
                    .fd();
            assertThat(guest.call("fd_filestat_set_times", file, 0, 0, 5)).isEqualTo(Errno.EPERM);
            int directory = guest.open(DIR, "roots", true, OFlags.DIRECTORY, Rights.DIRECTORY, Rights.ALL, 0)
                    .fd();
            assertThat(guest.call("fd_filestat_set_times", directory, 0, 0, 5)).isEqualTo(Errno.EPERM);
            assertThat(guest.open(directory, "secret", 0, READ).errno()).isEqualTo(Errno.EACCES);
            assertThat(rights()).isEqualTo(before);
        }
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("closed", "roots");
        }
        try (Stream<Path> files = Files.list(dir.resolve("roots"))) {
            assertThat(files).hasSize(3);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whatTheUserMayWorks(Beneath way) throws IOException {
        try (Probe guest = guest(way)) {
            assertThat(guest.read(guest.open(DIR, "roots/public", 0, READ).fd(), 1)
                            .value())
                    .isEqualTo(1);
            assertThat(guest.open(DIR, "roots/group", 0, READ).errno()).isEqualTo(Errno.SUCCESS);
            int made = guest.open(DIR, "made", OFlags.CREAT, WRITE).fd();
            assertThat(guest.write(made, "hello").value()).isEqualTo(5);
            assertThat(guest.path("path_create_directory", DIR, "folder")).isEqualTo(Errno.SUCCESS);
            assertThat(two(guest, "path_link", "made", "folder/linked")).isEqualTo(Errno.SUCCESS);
            assertThat(two(guest, "path_rename", "made", "renamed")).isEqualTo(Errno.SUCCESS);
            assertThat(touch(guest, "renamed")).isEqualTo(Errno.SUCCESS);
            int text = guest.put("renamed");
            assertThat(guest.call("path_symlink", text, 7, DIR, guest.put("link"), 4))
                    .isEqualTo(Errno.SUCCESS);
            assertThat(guest.open(DIR, "link", 0, READ).errno()).isEqualTo(Errno.SUCCESS);
        }
        for (String name : List.of("folder", "folder/linked", "renamed", "link")) {
            assertThat(Files.readAttributes(dir.resolve(name), "unix:uid,gid", LinkOption.NOFOLLOW_LINKS))
                    .as(name)
                    .containsEntry("uid", 1_000)
                    .containsEntry("gid", 1_001);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aDirectoryThatItGetsCanBePassedEvenIfItCannotBeListed(Beneath way) throws IOException {
        own(dir, 0, 0, "rwx--x--x");
        try (Probe guest = guest(way)) {
            assertThat(guest.open(DIR, "roots/public", 0, READ).errno()).isEqualTo(Errno.SUCCESS);
            assertThat(guest.open(DIR, ".", OFlags.DIRECTORY, Rights.FD_READDIR).errno())
                    .isEqualTo(Errno.EACCES);
            int buffer = guest.reserve(512);
            assertThat(guest.call("fd_readdir", DIR, buffer, 512, 0, guest.reserve(4)))
                    .isEqualTo(Errno.EBADF);
        }
        own(dir, 0, 0, "rwx------");
        try (Probe guest = guest(way)) {
            assertThat(guest.open(DIR, "roots/public", 0, READ).errno()).isEqualTo(Errno.EACCES);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whatOthersExecuteAsItsOwnerCannotBeReplaced(Beneath way) throws IOException {
        Path program = Files.writeString(dir.resolve("roots/program"), "x");
        Files.setAttribute(program, "unix:mode", 06777);
        try (Probe guest = guest(way)) {
            guest.open(DIR, "roots/program", 0, READ).fd();
            assertThat((int) Files.getAttribute(program, "unix:mode") & 07777).isEqualTo(06777);
            guest.open(DIR, "roots/program", 0, WRITE).fd();
        }
        assertThat((int) Files.getAttribute(program, "unix:mode") & 07777).isEqualTo(0777);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void rootMayReplaceItIfItHasTheCapability(Beneath way) throws IOException {
        Path program = Files.writeString(dir.resolve("roots/program"), "x");
        Files.setAttribute(program, "unix:mode", 06777);
        for (Set<Capability> capabilities : List.of(Set.of(Capability.CAP_FSETID), Set.<Capability>of())) {
            WasiConfig config = WasiConfig.builder()
                    .directory(dir, "/")
                    .user(new FileUser(0, 0, List.of(), 0, capabilities))
                    .beneath(way)
                    .build();
            try (Probe guest = new Probe(config)) {
                guest.write(guest.open(DIR, "roots/program", 0, WRITE).fd(), "y");
            }
            assertThat((int) Files.getAttribute(program, "unix:mode") & 07777)
                    .isEqualTo(capabilities.isEmpty() ? 0777 : 06777);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void rootIsNoSpecialUser(Beneath way) throws IOException {
        WasiConfig config = WasiConfig.builder()
                .directory(dir, "/")
                .user(FileUser.ROOT)
                .beneath(way)
                .build();
        try (Probe guest = new Probe(config)) {
            assertThat(guest.open(DIR, "roots/secret", 0, READ).errno()).isEqualTo(Errno.SUCCESS);
        }
        assertThat(Paths.as(FileUser.ROOT)).isSameAs(Paths.OWN);
    }
}
