package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.LocalDaemon.Answer;
import dev.skiff.containerd.LocalDaemon.Client;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.Mounts;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks that wait for something, and disks that are full. */
@Tag("slow")
@Timeout(60)
class WaitingTasksTest {
    private static final String LISTENING = ",\"annotations\":{\"skiff.dev/listen\":\"127.0.0.1:0\"}";
    private static final Map<String, byte[]> PROGRAMS = Map.of(
            "read.wasm", Guests.CAT,
            "write.wasm", Guests.FLOOD,
            "poll.wasm", Guests.POLL,
            "sleep.wasm", Guests.SLEEP,
            "loop.wasm", Guests.LOOP,
            "accept.wasm", Guests.bytes("http-c"),
            "exit.wasm", Guests.bytes("exit-c"));

    private final List<Integer> open = new ArrayList<>();
    private LocalDaemon daemon;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        daemon = LocalDaemon.startWith(PROGRAMS);
        client = daemon.connect();
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        open.forEach(Descriptors::close);
        if (client != null) {
            client.close();
            daemon.close();
        }
    }

    /** A pipe that is held open, and neither read nor written. */
    private Path pipe(String name) throws IOException, InterruptedException {
        Path path = Raw.fifo(daemon.folder().resolve(name));
        open.add(Paths.OWN.open(
                path.toString(), OpenFlags.READ_WRITE | OpenFlags.NONBLOCK | OpenFlags.CLOSE_ON_EXEC, 0));
        return path;
    }

    private ProtoWriter create(String id, String program, Path in, String out) throws IOException {
        String more = program.equals("accept") ? LISTENING : "";
        return daemon.create(id, daemon.bundle(id, "/" + program + ".wasm", more))
                .text(5, in.toString())
                .text(6, out);
    }

    private void run(String method, ProtoWriter request) throws IOException {
        client.call(method, request).success();
    }

    private long end(String id, int signal) throws IOException {
        assertThat(client.kill(id, "", signal).code()).isZero();
        return exit(id);
    }

    private long exit(String id) throws IOException {
        long status = client.call("Wait", id, "").body().number(1);
        assertThat(client.call("Delete", id, "").code()).isZero();
        return status;
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "write", "poll", "sleep", "loop", "accept"})
    void whatWaitsEndsWhenItIsKilled(String program) throws Exception {
        Path in = pipe("in");
        String out = pipe("out").toString();
        // Classes are loaded, threads of the host are there.
        run("Create", create("first", program, in, out));
        run("Start", new ProtoWriter().text(1, "first"));
        end("first", 9);
        Belongings before = Belongings.of(Task.PID);

        for (boolean paused : new boolean[] {false, true}) {
            for (int signal : new int[] {15, 9}) {
                run("Create", create("t", program, in, out));
                run("Start", new ProtoWriter().text(1, "t"));
                // Most wait by then; that some do not yet is tested too.
                Thread.sleep(50);
                if (paused) {
                    run("Pause", new ProtoWriter().text(1, "t"));
                }
                assertThat(end("t", signal)).isEqualTo(128 + signal);
            }
        }

        assertThat(daemon.mounts()).isEmpty();
        Containerd.until(
                "nothing stays open",
                () -> Belongings.of(Task.PID).pipes() <= before.pipes()
                        && Belongings.of(Task.PID).descriptors() <= before.descriptors(),
                () -> before + " " + Belongings.of(Task.PID));
    }

    @Test
    void whatOneWritesWithoutEndIsNotInTheWayOfOthers() throws Exception {
        Path in = pipe("in");
        run("Create", create("flood", "write", in, pipe("out").toString()));
        run("Start", new ProtoWriter().text(1, "flood"));
        run("Create", create("files", "write", in, "file://" + daemon.folder().resolve("drain")));
        for (int i = 0; i < 20; i++) {
            String id = "t" + i;
            Path out = daemon.folder().resolve("out" + i);
            Path bundle = daemon.bundle(id, "/exit.wasm\",\"" + i);
            run("Create", daemon.create(id, bundle).text(6, "file://" + out));
            run("Start", new ProtoWriter().text(1, id));
        }
        for (int i = 0; i < 20; i++) {
            assertThat(exit("t" + i)).isEqualTo(i);
            assertThat(daemon.folder().resolve("out" + i)).hasContent("leaving\n");
        }
        assertThat(end("flood", 9)).isEqualTo(137);
        assertThat(end("files", 9)).isEqualTo(137);
    }

    @Test
    void whoReadsMayGoAwayAndComeBack() throws Exception {
        Path in = Raw.fifo(daemon.folder().resolve("in"));
        Path out = Raw.fifo(daemon.folder().resolve("out"));
        run("Create", create("t", "read", in, out.toString()));
        run("Start", new ProtoWriter().text(1, "t"));
        int input = Paths.OWN.open(in.toString(), OpenFlags.WRITE_ONLY | OpenFlags.CLOSE_ON_EXEC, 0);
        for (int time = 0; time < 3; time++) {
            int reader = Paths.OWN.open(out.toString(), OpenFlags.READ_ONLY | OpenFlags.CLOSE_ON_EXEC, 0);
            Raw.write(input, "line " + time + "\n");
            assertThat(Raw.read(reader)).isEqualTo("line " + time + "\n");
            Descriptors.close(reader);
        }
        Raw.write(input, "unread\n");
        Descriptors.close(input);
        run("CloseIO", new ProtoWriter().text(1, "t").bool(3, true));
        assertThat(exit("t")).isZero();
    }

    @Test
    void aFullDiskIsSaidOfAndLeavesNothing() throws Exception {
        Path disk = Files.createDirectory(daemon.folder().resolve("disk"));
        MountOptions.parse(List.of("size=8192", "nr_inodes=8")).mount("tmpfs", disk.toString(), "tmpfs");
        try {
            Files.write(disk.resolve("a.wasm"), Guests.LOOP);
            Files.write(disk.resolve("full"), new byte[4096]);
            Files.createFile(disk.resolve("log"));
            Path bundle = daemon.bundle(
                    "t",
                    "/a.wasm",
                    ",\"mounts\":[{\"type\":\"bind\",\"source\":\"/etc\",\"destination\":\"/1/2/3/4/5/6/7/8\",\"options\":[\"rbind\"]}]");
            ProtoWriter root = new ProtoWriter()
                    .text(1, "bind")
                    .text(2, disk.toString())
                    .text(4, "rbind")
                    .text(4, "rw");

            Answer answer = client.call(
                    "Create",
                    new ProtoWriter().text(1, "t").text(2, bundle.toString()).message(3, root));

            assertThat(answer.message()).contains("in the container: ").containsIgnoringCase("no space left on device");
            assertThat(daemon.mounts()).hasSize(1);

            run("Create", create("log", "write", pipe("in"), "file://" + disk.resolve("log")));
            run("Start", new ProtoWriter().text(1, "log"));
            assertThat(end("log", 15)).isEqualTo(143);
            String lost = client.call(
                            "Create", create("lost", "write", pipe("in2"), "file://" + disk.resolve("x/y/z/1")))
                    .message();
            assertThat(lost).contains(disk.resolve("x/y/z").toString());
            assertThat(daemon.mounts()).hasSize(1);
        } finally {
            Mounts.unmount(disk.toString(), Mounts.DETACH);
        }
    }
}
