package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The script that containerd runs, with a shell script in the place of the daemon. */
@Tag("slow")
@Timeout(60)
class LauncherTest {
    private Path folder;
    private Path bundle;
    private Path state;

    /** What a launcher printed, and its status. */
    record Output(int status, String text) {}

    @BeforeEach
    void install() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "lnc");
        state = folder.resolve("state");
        bundle = Files.createDirectories(folder.resolve("ns/t"));
        Files.writeString(bundle.resolve("config.json"), "{\"process\":{\"args\":[\"/a.wasm\"]}}");
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(folder.resolve("socket")));
        }
        program("daemon", """
                #!/bin/sh
                echo $$ >>%1$s/daemons
                [ -e %1$s/hang ] || cp -a %1$s/socket "$1"
                exec sleep 600
                """.formatted(folder));
        new Installation(Files.createDirectories(folder.resolve("bin")), folder.resolve("lib"), state)
                .launchers(
                        new Installation.Commands(
                                List.of(folder.resolve("tools/daemon").toString()), List.of()),
                        List.of(new Installation.Launcher("skiff-v1", Installation.Mode.SHARED)));
    }

    private void program(String name, String script) throws IOException {
        Path file = Files.createDirectories(folder.resolve("tools")).resolve(name);
        Files.writeString(file, script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void end() throws IOException, InterruptedException {
        for (ProcessHandle daemon : daemons()) {
            daemon.destroyForcibly();
        }
        run("umount", state.toString());
        run("rm", "-rf", "--one-file-system", folder.toString());
    }

    private static void run(String... command) throws IOException, InterruptedException {
        new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Those that were started and run. */
    private List<ProcessHandle> daemons() throws IOException {
        Path file = folder.resolve("daemons");
        return !Files.exists(file)
                ? List.of()
                : Files.readAllLines(file).stream()
                        .flatMap(line -> ProcessHandle.of(Long.parseLong(line)).stream())
                        .filter(LauncherTest::isNoZombie)
                        .toList();
    }

    private static boolean isNoZombie(ProcessHandle process) {
        try {
            return !Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"))
                    .contains(") Z ");
        } catch (IOException e) {
            return false;
        }
    }

    private Process begin() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        folder.resolve("bin/containerd-shim-skiff-v1").toString(),
                        "-namespace",
                        "ns",
                        "-address",
                        "/c.sock",
                        "-publish-binary",
                        "c",
                        "-id",
                        "t",
                        "start")
                .directory(bundle.toFile())
                .redirectErrorStream(true);
        builder.environment().put("TTRPC_ADDRESS", "/c.sock.ttrpc");
        builder.environment().put("PATH", folder.resolve("tools") + ":" + System.getenv("PATH"));
        return builder.start();
    }

    private Output start() throws IOException, InterruptedException {
        return output(begin());
    }

    private static Output output(Process launcher) throws IOException, InterruptedException {
        String text = new String(launcher.getInputStream().readAllBytes());
        assertThat(launcher.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Output(launcher.exitValue(), text);
    }

    private Path daemonFolder() throws IOException {
        String conf = Files.readString(folder.resolve("bin/containerd-shim-skiff-v1.conf"));
        return state.resolve("c.sock")
                .resolve(conf.replaceFirst("(?s).*build='", "").replaceFirst("(?s)'.*", ""));
    }

    private Output started() throws IOException {
        return new Output(0, "unix://" + daemonFolder().resolve("task.sock"));
    }

    @Test
    void launchersAtOnceStartOneDaemon() throws Exception {
        List<Process> launchers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            launchers.add(begin());
        }

        for (Process launcher : launchers) {
            assertThat(output(launcher)).isEqualTo(started());
        }

        assertThat(daemons()).hasSize(1);
        assertThat(bundle.resolve("address")).hasContent(started().text());
    }

    @Test
    void aDaemonThatIsStoppedHoldsNoLauncherUp() throws Exception {
        start();
        run("kill", "-STOP", Long.toString(daemons().getFirst().pid()));

        assertThat(start()).isEqualTo(started());

        assertThat(daemons()).hasSize(1);
    }

    @Test
    void aDaemonThatWasKilledIsReplaced() throws Exception {
        start();
        ProcessHandle first = daemons().getFirst();
        first.destroyForcibly();
        first.onExit().get();

        assertThat(start()).isEqualTo(started());

        assertThat(daemons()).hasSize(1).doesNotContain(first);
    }

    /** The first version took any process with the number of a daemon that was killed for it, and its socket for one that answers. */
    @Test
    void anotherProcessWithTheNumberOfADaemonIsNone() throws Exception {
        start();
        ProcessHandle first = daemons().getFirst();
        first.destroyForcibly();
        first.onExit().get();
        Files.writeString(daemonFolder().resolve("pid"), ProcessHandle.current().pid() + "\n");

        assertThat(start()).isEqualTo(started());

        assertThat(daemons()).hasSize(1);
    }

    /** The first version left it, and when it was ready it took the place of the next one. */
    @Test
    void aDaemonThatHangsAtItsStartIsEndedAndSaidSo() throws Exception {
        Files.createFile(folder.resolve("hang"));
        // Patience is a number of sleeps.
        program("sleep", "#!/bin/sh\n[ \"$1\" = 0.02 ] || exec " + which("sleep") + " \"$@\"\n");

        Output output = start();

        assertThat(output.status()).isEqualTo(1);
        assertThat(output.text()).contains("skiff: the daemon does not start; " + daemonFolder() + "/log says why");
        Containerd.until("it has ended", this::hasNone);
        Files.delete(folder.resolve("hang"));
        assertThat(start()).isEqualTo(started());
        assertThat(daemons()).hasSize(1);
    }

    private boolean hasNone() {
        try {
            return daemons().isEmpty();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String which(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(each -> Path.of(each, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow()
                .toString();
    }

    /** The first version started a daemon whose number nobody knew, and the next launcher one more. */
    @Test
    void whereNothingCanBeWrittenNoDaemonIsStarted() throws Exception {
        Assumptions.assumeTrue(Containerd.canMount(), "only root can mount");
        Files.createDirectories(state);
        MountOptions.parse(List.of("size=65536")).mount("tmpfs", state.toString(), "tmpfs");
        Files.write(state.resolve("full"), new byte[65536]);

        Output output = start();

        assertThat(output.status()).isEqualTo(1);
        assertThat(output.text()).contains("skiff: nothing can be written to " + daemonFolder());
        assertThat(daemons()).isEmpty();
        Files.delete(state.resolve("full"));
        assertThat(start()).isEqualTo(started());
    }

    /** The first version went on, and at its next start containerd would have forgotten the task. */
    @Test
    void aBundleThatCannotBeWrittenIsRefused() throws Exception {
        Assumptions.assumeTrue(Containerd.canMount(), "only root can mount");
        start();
        Files.delete(bundle.resolve("address"));
        Files.createDirectory(bundle.resolve("address"));

        Output output = start();

        assertThat(output.status()).isEqualTo(1);
        assertThat(output.text()).contains("skiff: " + bundle + "/address cannot be written");
    }
}
