package dev.skiff.containerd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.LocalDaemon.Answer;
import dev.skiff.containerd.LocalDaemon.Client;
import dev.skiff.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that nobody should make are refused with a reason, and leave nothing behind. */
@Tag("slow")
@Timeout(60)
class BadRequestsTest {
    private static final int INVALID_ARGUMENT = 3;
    private static final int NOT_FOUND = 5;
    private static final int INTERNAL = 13;

    private LocalDaemon daemon;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        daemon = LocalDaemon.startWith(Map.of("loop.wasm", Guests.LOOP));
        client = daemon.connect();
    }

    @AfterEach
    void nothingIsLeft() throws IOException, InterruptedException {
        if (client != null) {
            client.kill("t", "", 9);
            client.call("Wait", "t", "");
            client.call("Delete", "t", "");
            client.close();
            List<String> mounts = daemon.mounts();
            daemon.close();
            assertThat(mounts).isEmpty();
        }
    }

    private Answer create(String more) throws IOException {
        return client.call("Create", daemon.create("t", daemon.bundle("t", "/loop.wasm", more)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "bundle", "bundle/of/t", "/", "/t", "/a/../t", "/a/.", "/a/b\0c", "a\nb", "..", "/a//../b"})
    void aBundleThatIsNoPlainPathIsRefused(String bundle) throws IOException {
        Answer answer = client.call("Create", new ProtoWriter().text(1, "t").bytes(2, bundle.getBytes(UTF_8)));

        assertThat(answer.code()).as(answer.message()).isEqualTo(INVALID_ARGUMENT);
    }

    @Test
    void aBundleThatIsMissingOrAFileIsNotFound() throws IOException, InterruptedException {
        Path file = Files.createFile(daemon.folder().resolve("file"));
        Path empty = Files.createDirectory(daemon.folder().resolve("empty"));
        Path odd = Files.createDirectory(daemon.folder().resolve("odd"));
        // The first version waited for somebody to write to it, and one such request for each processor was the end of
        // all.
        Raw.fifo(odd.resolve("config.json"));
        Path folder = Files.createDirectory(daemon.folder().resolve("folder"));
        Files.createDirectory(folder.resolve("config.json"));

        for (Path bundle : List.of(daemon.folder().resolve("no"), file, empty, odd, folder)) {
            assertThat(client.call("Create", daemon.create("t", bundle)).code()).isEqualTo(NOT_FOUND);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", ".", "a/b", "a\nb", "/", "a b", "-a", "ü"})
    void anIdWithMoreThanLettersAndDigitsIsRefused(String id) throws IOException {
        Path bundle = daemon.bundle("t", "/loop.wasm");

        assertThat(client.call("Create", daemon.create(id, bundle)).code()).isEqualTo(INVALID_ARGUMENT);

        create("");
        client.call("Start", "t", "");
        assertThat(client.exec("t", id, "/loop.wasm").code()).isEqualTo(INVALID_ARGUMENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "null",
                "1",
                "{",
                "",
                "\0",
                "{}",
                "{\"process\":[]}",
                "{\"process\":{}}",
                "{\"process\":{\"args\":{}}}",
                "{\"process\":{\"args\":[]}}",
                "{\"process\":{\"args\":[null]}}",
                "{\"process\":{\"args\":[{}]}}",
                "{\"process\":{\"args\":[\"/loop.wasm\"]},\"mounts\":{}}",
                "{\"process\":{\"args\":[\"/loop.wasm\"]},\"mounts\":[1]}",
                "{\"process\":{\"args\":[\"/loop.wasm\"]},\"root\":{\"path\":\"a\\u0000b\"}}",
                "{\"process\":{\"args\":[\"/loop.wasm\"]},\"mounts\":[{\"type\":\"bind\",\"source\":\"a\\u0000\",\"destination\":\"/a\"}]}",
                "{\"process\":{\"args\":[\"/loop.wasm\"]},\"mounts\":[{\"type\":\"bind\",\"source\":\"/etc\",\"destination\":\"/a\\u0000\"}]}",
                "{\"process\":{\"args\":[\"/loop.wasm\"]},\"mounts\":[{\"type\":\"bind\",\"source\":\"/etc\",\"destination\":\"\"}]}",
                "{\"process\":{\"args\":[\"/loop.wasm\"]},\"mounts\":[{\"type\":\"bind\",\"source\":\"/etc\",\"destination\":\"/..\"}]}",
                "{\"process\":{\"args\":[\"/loop.wasm\"]},\"linux\":{\"namespaces\":[{\"type\":\"network\",\"path\":\"\\u0000\"}]}}",
                "{\"process\":{\"args\":[\"/loop.wasm\"]},\"linux\":{\"resources\":{\"memory\":{\"limit\":\"x\"}}}}",
                "{\"process\":{\"args\":[\"/loop.wasm\"]},\"annotations\":{\"skiff.dev/listen\":\"0.0.0.0:99999\"}}"
            })
    void aConfigurationThatIsNoneIsRefused(String text) throws IOException {
        Path bundle = daemon.bundle("t", "/loop.wasm");
        Files.writeString(bundle.resolve("config.json"), text);

        Answer answer = client.call("Create", daemon.create("t", bundle));

        assertThat(answer.code()).as(answer.message()).isEqualTo(INVALID_ARGUMENT);
    }

    @Test
    void anEnormousConfigurationIsRefused() throws IOException {
        Path bundle = daemon.bundle("t", "/loop.wasm");
        for (String text : List.of(" ".repeat(17 << 20), "[".repeat(8 << 20), "{\"a\":".repeat(1 << 20))) {
            Files.writeString(bundle.resolve("config.json"), text);

            assertThat(client.call("Create", daemon.create("t", bundle)).code()).isEqualTo(INVALID_ARGUMENT);
        }
    }

    /** The first version looked at what the names led to before it mounted there, on this machine and not in the container. */
    @ParameterizedTest
    @CsvSource({"../../../outside, 0", "outside, 0", "link, 0", "absolute, 2", "none, 2"})
    void whatIsMountedInARootStaysBeneathIt(String target, int code) throws IOException {
        Path outside = Files.createDirectory(daemon.folder().resolve("outside"));
        Files.createDirectory(daemon.source().resolve("outside"));
        Files.createSymbolicLink(daemon.source().resolve("link"), Path.of("../../../../outside"));
        Files.createSymbolicLink(daemon.source().resolve("absolute"), outside);
        ProtoWriter request = daemon.create("t", daemon.bundle("t", "/loop.wasm"))
                .message(3, new ProtoWriter().text(1, "tmpfs").text(2, "tmpfs").text(3, target));

        Answer answer = client.call("Create", request);

        assertThat(answer.code()).as(answer.message()).isEqualTo(code);
        assertThat(daemon.mounts()).noneMatch(line -> line.contains(" " + outside + " "));
    }

    /** The first version unmounted all that it found at the root, and left what it had mounted beneath one that was a plain folder. */
    @Test
    void aRootThatWasThereBeforeIsLeftAsItWas() throws IOException {
        Path own = Files.createDirectory(daemon.folder().resolve("own"));
        Files.write(own.resolve("loop.wasm"), Guests.LOOP);
        MountOptions.parse(List.of("bind")).mount(own.toString(), own.toString(), "");
        try {
            Path bundle = daemon.bundle("t", "/loop.wasm");
            Files.writeString(bundle.resolve("config.json"), """
                    {"process":{"args":["/loop.wasm"]},"root":{"path":"%s"},
                    "mounts":[{"type":"bind","source":"/etc","destination":"/data","options":["rbind"]}]}
                    """.formatted(own));
            List<String> before = daemon.mounts();

            assertThat(client.call("Create", new ProtoWriter().text(1, "t").text(2, bundle.toString()))
                            .code())
                    .isZero();
            assertThat(bundle.resolve("rootfs/data/passwd")).exists();
            assertThat(client.call("Delete", "t", "").code()).isZero();

            assertThat(daemon.mounts()).isEqualTo(before).hasSize(1);
        } finally {
            Mounts.unmount(own.toString(), Mounts.DETACH);
        }
    }

    /** The first version opened the pipe, and waited for ever for somebody to write to it. */
    @Test
    void aProgramThatIsNoFileIsRefused() throws IOException, InterruptedException {
        Raw.fifo(daemon.source().resolve("pipe.wasm"));
        Files.createDirectory(daemon.source().resolve("folder.wasm"));
        for (String program : List.of("/pipe.wasm", "/folder.wasm")) {
            Answer answer = client.call("Create", daemon.create("t", daemon.bundle("t", program)));

            assertThat(answer.code()).as(answer.message()).isEqualTo(INVALID_ARGUMENT);
            assertThat(answer.message()).startsWith("cannot run /");
        }
    }

    @Test
    void streamsThatCannotBeOpenedAreRefused() throws IOException, InterruptedException {
        Path pipe = Raw.fifo(daemon.folder().resolve("pipe"));
        for (String stream : List.of(
                "file://" + pipe,
                "/no/such",
                "file:///",
                "http://x",
                daemon.folder().toString(),
                "a\0b",
                "binary:///no")) {
            ProtoWriter request =
                    daemon.create("t", daemon.bundle("t", "/loop.wasm")).text(6, stream);

            Answer answer = client.call("Create", request);

            assertThat(answer.code()).as("%s: %s", stream, answer.message()).isNotIn(0, INTERNAL);
        }
    }

    @Test
    void windowsOfAnySizeAndEndsOfInputAgainAreAnswered() throws IOException, InterruptedException {
        Path in = Raw.fifo(daemon.folder().resolve("in"));
        Path out = Raw.fifo(daemon.folder().resolve("out"));
        ProtoWriter request = daemon.create("t", daemon.bundle("t", "/loop.wasm"))
                .bool(4, true)
                .text(5, in.toString())
                .text(6, out.toString());
        assertThat(client.call("Create", request).code()).isZero();
        for (long size : new long[] {0, 65_535, 65_536, 4_294_967_295L, -1}) {
            Answer answer = client.call(
                    "ResizePty", new ProtoWriter().text(1, "t").number(3, size).number(4, 24));

            assertThat(answer.code()).isEqualTo(size >= 0 && size <= 65_535 ? 0 : INVALID_ARGUMENT);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(client.call("CloseIO", new ProtoWriter().text(1, "t").bool(3, true))
                            .code())
                    .isZero();
        }
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() throws IOException {
        create("");
        client.call("Start", "t", "");
        for (String limits : List.of(
                "",
                "[]",
                "{\"memory\":1}",
                "{\"memory\":{\"limit\":1e30}}",
                "{\"memory\":{\"limit\":9223372036854775807}}")) {
            Answer answer = client.call(
                    "Update",
                    new ProtoWriter()
                            .text(1, "t")
                            .message(2, new ProtoWriter().text(1, "r").text(2, limits)));

            assertThat(answer.code()).as("%s: %s", limits, answer.message()).isEqualTo(INVALID_ARGUMENT);
        }
        for (int signal : new int[] {0, -1, 65, Integer.MAX_VALUE}) {
            assertThat(client.kill("t", "", signal).code()).isEqualTo(INVALID_ARGUMENT);
        }
    }

    /** The first version wrote each value into a line of a file, and the launcher any further lines of it to files of their choice. */
    @Test
    void aSettingOfTheKernelWithTwoLinesIsRefused() throws IOException {
        String sandbox =
                ",\"annotations\":{\"io.kubernetes.cri.container-type\":\"sandbox\"},\"linux\":{\"sysctl\":{%s}}";

        Answer answer = create(sandbox.formatted("\"kernel.msgmax\":\"1\\n../../tmp/x 1\""));

        assertThat(answer.code()).isEqualTo(INVALID_ARGUMENT);
        assertThat(create(sandbox.formatted("\"../x\":\"1\"")).code()).isEqualTo(INVALID_ARGUMENT);
        // What was begun the first time is not in the way.
        assertThat(create(sandbox.formatted("\"kernel.msgmax\":\"1\"")).code()).isZero();
        assertThat(daemon.bundle("t").resolve("ns/sysctl")).hasContent("kernel/msgmax 1");
        client.call("Delete", "t", "");
        assertThat(daemon.bundle("t").resolve("ns")).doesNotExist();
    }

    /** In the first version nobody told who waited, for ever. */
    @Test
    void whoWaitsForWhatNeverBeginsIsToldWhenItIsDeleted() throws Exception {
        create("");
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Answer>> waiting = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                waiting.add(threads.submit(() -> {
                    try (Client other = daemon.connect()) {
                        return other.call("Wait", "t", "");
                    }
                }));
            }
            // Those that come later are told that there is no such task.
            client.call("Delete", "t", "");

            for (Future<Answer> each : waiting) {
                assertThat(each.get().code()).isIn(0, NOT_FOUND);
            }
        }
    }
}
