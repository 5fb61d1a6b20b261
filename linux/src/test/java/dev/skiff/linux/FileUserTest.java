package dev.skiff.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are reached with the rights of the user who is named, and the thread has its own again afterwards. */
class FileUserTest {
    private static final FileUser USER = new FileUser(1_000, 1_001, List.of(), 0, Set.of());
    private static final int MAKE = OpenFlags.READ_WRITE | OpenFlags.CREATE | OpenFlags.CLOSE_ON_EXEC;

    @TempDir
    private Path folder;

    private int root;
    private ThreadRights before;

    @BeforeEach
    void openFolder() throws IOException {
        Assumptions.assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "only root can act as somebody else");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        root = Paths.OWN.open(folder.toString(), OpenFlags.DIRECTORY | OpenFlags.PATH | OpenFlags.CLOSE_ON_EXEC, 0);
        before = ThreadRights.now();
    }

    @AfterEach
    void theThreadHasItsOwnRightsAgain() throws IOException {
        if (before != null) {
            Descriptors.close(root);
            assertThat(ThreadRights.now()).isEqualTo(before);
        }
    }

    private static byte[] path(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(call)
                .extracting(LinuxException::errno)
                .isEqualTo(errno);
    }

    private void make(String name, int uid, int gid, String permissions) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "content");
        Files.setAttribute(file, "unix:uid", uid);
        Files.setAttribute(file, "unix:gid", gid);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void whatIsMadeBelongsToTheUserAndItsGroup() throws IOException {
        Paths user = Paths.as(USER);

        Descriptors.close(user.open(root, path("file"), MAKE, 0666));
        user.makeDirectory(root, path("directory"), 0777);
        user.symlink(path("file"), root, path("link"));

        for (String name : List.of("file", "directory", "link")) {
            assertThat(Files.readAttributes(
                            folder.resolve(name), "unix:uid,gid", java.nio.file.LinkOption.NOFOLLOW_LINKS))
                    .containsEntry("uid", 1_000)
                    .containsEntry("gid", 1_001);
        }
    }

    @Test
    void whatOnlyOthersMayIsRefused() throws IOException {
        make("secret", 0, 0, "rw-------");
        make("readable", 0, 0, "rw-r--r--");
        Files.createDirectory(
                folder.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Paths user = Paths.as(USER);

        assertErrno(Errno.EACCES, () -> user.open(root, path("secret"), OpenFlags.READ_ONLY, 0));
        assertErrno(Errno.EACCES, () -> user.open2(root, path("secret"), OpenFlags.READ_ONLY, 0, 0));
        assertErrno(Errno.EACCES, () -> user.open(root, path("readable"), OpenFlags.WRITE_ONLY, 0));
        assertErrno(Errno.EACCES, () -> user.status(root, path("closed/x"), 0));
        assertErrno(Errno.EACCES, () -> user.readLink(root, path("closed/x")));
        assertErrno(Errno.EACCES, () -> user.makeDirectory(root, path("closed/x"), 0777));
        assertErrno(Errno.EACCES, () -> user.unlink(root, path("closed/x"), 0));
        assertErrno(Errno.EACCES, () -> user.symlink(path("x"), root, path("closed/x")));
        assertErrno(Errno.EACCES, () -> user.rename(root, path("readable"), root, path("closed/x"), 0));
        assertErrno(Errno.EACCES, () -> user.link(root, path("readable"), root, path("closed/x"), 0));
        assertErrno(Errno.EPERM, () -> user.setTimes(root, path("readable"), 0, 0, 0));
        int open = Paths.OWN.open(root, path("readable"), OpenFlags.READ_ONLY | OpenFlags.CLOSE_ON_EXEC, 0);
        assertErrno(Errno.EPERM, () -> user.setTimes(open, 0, 0));
        Descriptors.close(open);
    }

    @Test
    void whatIsTheUsersCanBeUsed() throws IOException {
        make("own", 1_000, 0, "rw-------");
        make("group", 0, 1_001, "rw-r-----");
        Paths user = Paths.as(USER);

        Descriptors.close(user.open(root, path("own"), OpenFlags.READ_WRITE, 0));
        Descriptors.close(user.open(root, path("group"), OpenFlags.READ_ONLY, 0));
        user.setTimes(root, path("own"), 1, 2, 0);
        user.rename(root, path("own"), root, path("renamed"), 0);
        user.unlink(root, path("renamed"), 0);
    }

    @Test
    void furtherGroupsCount() throws IOException {
        make("shared", 0, 2_000, "rw-r-----");

        Paths member = Paths.as(new FileUser(1_000, 1_001, List.of(7L, 2_000L), 0, Set.of()));
        Descriptors.close(member.open(root, path("shared"), OpenFlags.READ_ONLY, 0));

        assertErrno(Errno.EACCES, () -> Paths.as(USER).open(root, path("shared"), OpenFlags.READ_ONLY, 0));
    }

    @Test
    void theNumberOfTheUserMayBeRootsWithAnotherGroup() throws IOException {
        make("secret", 5, 5, "rw-------");
        Paths user = Paths.as(new FileUser(0, 1_001, List.of(), 0, Capability.ALL));

        Descriptors.close(user.open(root, path("secret"), OpenFlags.READ_ONLY, 0));
        Descriptors.close(user.open(root, path("file"), MAKE, 0666));

        assertThat(Files.getAttribute(folder.resolve("file"), "unix:gid")).isEqualTo(1_001);
    }

    @Test
    void theUmaskTakesPermissionsAway() throws IOException {
        for (FileUser user : List.of(
                new FileUser(1_000, 1_000, List.of(), 077, Set.of()),
                new FileUser(0, 0, List.of(), 077, Capability.ALL))) {
            Paths paths = Paths.as(user);
            Descriptors.close(paths.open(root, path("file"), MAKE, 0666));
            Descriptors.close(paths.open2(root, path("file2"), MAKE, 0666, 0));
            paths.makeDirectory(root, path("directory"), 0777);

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("file"))))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("file2"))))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("directory"))))
                    .isEqualTo("rwx------");
            Files.delete(folder.resolve("file"));
            Files.delete(folder.resolve("file2"));
            Files.delete(folder.resolve("directory"));
        }
    }

    @Test
    void virtualThreadsCanPrepareButNotAct() throws Exception {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Paths> user = executor.submit(() -> Paths.as(USER));
            assertThat(user.get()).isNotNull();
            Future<?> call = executor.submit(() -> assertThatIllegalStateException()
                    .isThrownBy(() -> user.get().status(root, path("."), 0)));
            call.get();
        }
    }

    @Test
    void whoMayNotActAsAUserIsTold() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "there is no setpriv");
        Path java = Path.of(ProcessHandle.current().info().command().orElseThrow());
        Process process = new ProcessBuilder(
                        "/usr/bin/setpriv",
                        "--bounding-set=-setuid,-setgid",
                        java.toString(),
                        "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Powerless.class.getName())
                .redirectErrorStream(true)
                .start();

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("setfsuid: operation not permitted (EPERM)\n");
    }

    /** What a process does that has no right to be somebody else. */
    static final class Powerless {
        private Powerless() {}

        public static void main(String[] arguments) {
            try {
                Paths.as(USER);
            } catch (LinuxException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new FileUser(-1, 0, List.of(), 0, Set.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new FileUser(0xffff_ffffL, 0, List.of(), 0, Set.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new FileUser(0, 0xffff_ffffL, List.of(), 0, Set.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new FileUser(0, 0, List.of(-1L), 0, Set.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new FileUser(0, 0, List.of(), 01000, Set.of()));
    }
}
