package dev.skiff.host;

import static dev.skiff.host.Programs.EMPTY;
import static dev.skiff.host.Programs.OPEN;
import static dev.skiff.host.Programs.workload;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.linux.FileUser;
import dev.skiff.wasi.PreopenedDirectory;
import dev.skiff.wasm.Engine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workloads that are somebody to the files. */
class UserTest {
    private static final FileUser USER = new FileUser(1_000, 1_000, List.of(), 0, Set.of());
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
    /** As WASI has them. */
    private static final int EACCES = 2;

    private static final int EMFILE = 33;

    @TempDir
    private Path folder;

    @BeforeEach
    void requireRoot() throws IOException {
        Assumptions.assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "only root can act as somebody else");
    }

    /** Opens a folder again and again, until that fails. */
    private ExitStatus open(FileUser user) throws InterruptedException {
        Execution execution = new Runner(Engine.create())
                .prepare(workload(OPEN)
                        .directory(new PreopenedDirectory(folder, "/", false))
                        .user(user)
                        .build());
        execution.start();
        return execution.await();
    }

    @Test
    void aFolderIsOpenedAsTheUserThatIsSaid() throws IOException, InterruptedException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));

        assertThat(open(USER)).isEqualTo(new ExitStatus.Exited(EACCES));
        assertThat(open(FileUser.ROOT)).isEqualTo(new ExitStatus.Exited(EMFILE));
        Files.setAttribute(folder, "unix:uid", 1_000);
        assertThat(open(USER)).isEqualTo(new ExitStatus.Exited(EMFILE));
    }

    @Test
    void nothingIsPreparedForAUserAsWhomThisProcessMayNotAct() throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(SETPRIV), "there is no setpriv");
        Process process = new ProcessBuilder(
                        SETPRIV.toString(),
                        "--bounding-set=-setuid,-setgid",
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Powerless.class.getName())
                .redirectErrorStream(true)
                .start();

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "it should reach files as the user 1000 of the group 1000, which this process has no right to:"
                                + " setfsuid: operation not permitted (EPERM)\n");
    }

    /** A process that has no right to be somebody else. */
    static final class Powerless {
        private Powerless() {}

        public static void main(String[] arguments) {
            try {
                new Runner(Engine.create()).prepare(workload(EMPTY).user(USER).build());
            } catch (NotRunnableException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
