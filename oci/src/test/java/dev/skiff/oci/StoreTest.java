package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.testing.Fault;
import dev.skiff.oci.testing.FaultProxy;
import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
    private static final byte[] MODULE = Modules.withPadding(3_000_000);
    private static TestRegistry server;

    @TempDir
    private Path directory;

    private Store store;
    private Registry registry;

    @BeforeAll
    static void start() {
        server = TestRegistry.start();
        try (Registry registry = new Registry(RegistryOptions.DEFAULT)) {
            Images.push(registry, MODULE, server.address() + "/app:0");
            for (int i = 1; i < 4; i++) {
                Images.push(registry, Modules.withPadding(2_000_000 + i), server.address() + "/app:" + i);
            }
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open() {
        store = Store.at(directory.resolve("store"));
        registry = new Registry(RegistryOptions.DEFAULT
                .withPlainHttp(true)
                .withPatience(3, Duration.ofMillis(10), Duration.ofSeconds(5)));
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private static String name(int image) {
        return server.address() + "/app:" + image;
    }

    private static void assertWhole(Store store, int image) {
        StoredImage found = store.find(Reference.parse(name(image))).orElseThrow();
        assertThat(Images.module(store, found)).hasSizeGreaterThan(2_000_000);
    }

    private static Path blobs(Store store) {
        return store.root().resolve("blobs/sha256");
    }

    @Test
    void aDamagedBlobIsFoundRemovedAndHealed() throws IOException {
        StoredImage image = Images.pull(registry, name(0), store);
        for (Descriptor content : store.document(image.manifest(), "it").children()) {
            Path file = store.file(content.digest());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);

            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> store.read(content, 1 << 30, "the content"))
                    .withMessageContaining("it was removed; pull or load it again")
                    .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.CORRUPT));
            assertThat(file).doesNotExist();
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> store.read(content, 1 << 30, "the content"))
                    .withMessageContaining("pull or load it again");
        }

        assertThat(Images.module(store, Images.pull(registry, name(0), store))).isEqualTo(MODULE);
    }

    @Test
    void aTruncatedBlobIsFetchedAgain() throws IOException {
        Images.pull(registry, name(0), store);
        Path file = store.file(Digest.ofBytes(MODULE));
        Files.delete(file);
        Files.write(file, new byte[10]);

        assertThat(Images.module(store, Images.pull(registry, name(0), store))).isEqualTo(MODULE);
    }

    /** A bug: who lied of a size removed another image's content. */
    @Test
    void aLieOfASizeRemovesNothing() {
        Descriptor content = write(store, "x", new byte[100]);
        for (long size : new long[] {0, 99, 101}) {
            Descriptor lie = Descriptor.of("x", content.digest(), size);
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> store.read(lie, 1000, "it"))
                    .withMessageContaining("its size is said wrong");
        }
        assertThat(store.read(content, 1000, "it")).hasSize(100);
    }

    @Test
    void contentAndNamesAreForTheirOwnerOnly() throws IOException {
        Images.pull(registry, name(0), store);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(store.root())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(store.file(Digest.ofBytes(MODULE)))))
                .isEqualTo("r--r--r--");
    }

    @Test
    void namesNeverBecomePaths() {
        Descriptor content = write(store, MediaTypes.OCI_MANIFEST, new byte[10]);
        for (String text : new String[] {"x.io/a/b/c:..", "x.io/a:_..", "[::1]:5/x"}) {
            if (text.endsWith(":..")) {
                assertThatExceptionOfType(OciException.class).isThrownBy(() -> Reference.parse(text));
                continue;
            }
            store.name(new StoredImage(
                    Reference.parse(text), content, content, "wasm", 1, Instant.EPOCH, Optional.empty()));
        }
        assertThat(Images.files(store.names))
                .hasSize(2)
                .allMatch(file -> file.getFileName().toString().matches("[0-9a-f]{64}"));
    }

    @Test
    void anotherVersionOfTheStoreIsRefused() throws IOException {
        store.prepare();
        Files.writeString(store.root().resolve("version"), "skiff store 2\n");

        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> Images.pull(registry, name(0), store))
                .withMessageContaining("another version of Skiff");
    }

    @Test
    void threadsPullTheSameAndOthers() throws Exception {
        runAll(12, i -> {
            // Each has a store object of its own, and some come by another way.
            Path root = i % 3 == 0 ? directory.resolve("store/../store") : directory.resolve("store");
            Store own = Store.at(root);
            Images.pull(registry, name(i % 4), own);
            if (i % 4 == 0) {
                Collector.prune(own);
            }
            return null;
        });
        for (int i = 0; i < 4; i++) {
            assertWhole(store, i);
        }
        assertThat(Images.files(store.ingest)).isEmpty();
    }

    private interface Numbered {
        Object run(int number) throws Exception;
    }

    private static void runAll(int count, Numbered task) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Object>> tasks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                tasks.add(() -> task.run(number));
            }
            for (Future<Object> done : threads.invokeAll(tasks)) {
                done.get();
            }
        }
    }

    @Test
    void theStoreMayBeReachedThroughALink() throws Exception {
        store.prepare();
        Path link = Files.createSymbolicLink(directory.resolve("link"), store.root());
        runAll(4, i -> Images.pull(registry, name(0), Store.at(i % 2 == 0 ? link : store.root())));
        assertWhole(store, 0);
    }

    @Test
    @Tag("slow")
    void processesPullTheSameAndOthersBesideAPrune() throws Exception {
        try (FaultProxy proxy = FaultProxy.before(server)) {
            proxy.always("GET", "blobs", new Fault.Delay(Duration.ofMillis(100)));
            List<Process> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(Puller.start(
                        "pull", store.root().toString(), proxy.address() + "/app:0", proxy.address() + "/app:" + i));
            }
            all.add(Puller.start("prune", store.root().toString()));
            for (Process process : all) {
                Puller.succeed(process);
            }
            for (int i = 0; i < 4; i++) {
                StoredImage image = store.find(Reference.parse(proxy.address() + "/app:" + i))
                        .orElseThrow();
                assertThat(Images.module(store, image)).isNotEmpty();
            }
            assertThat(proxy.exchanges("GET", "blobs/" + Digest.ofBytes(MODULE)))
                    .hasSize(1);
        }
    }

    @Test
    @Tag("slow")
    void aKilledPullLeavesNothingWrong() throws Exception {
        Random random = new Random(7);
        try (FaultProxy proxy = FaultProxy.before(server)) {
            String name = proxy.address() + "/app:0";
            proxy.always("GET", "blobs/" + Digest.ofBytes(MODULE), new Slow());
            for (int i = 0; i < 6; i++) {
                Process process = Puller.start("pull", store.root().toString(), name);
                process.waitFor(500 + random.nextInt(1500), TimeUnit.MILLISECONDS);
                process.destroyForcibly().waitFor();
                for (Path blob : Images.files(store.root()).stream()
                        .filter(file -> file.startsWith(blobs(store)))
                        .toList()) {
                    assertThat(Digest.ofBytes(Files.readAllBytes(blob)).hex())
                            .isEqualTo(blob.getFileName().toString());
                }
                for (StoredImage image : store.images()) {
                    assertThat(Images.module(store, image)).isEqualTo(MODULE);
                }
            }
            proxy.heal();
            Images.pull(registry, name, store);

            assertThat(Images.module(store, store.images().getFirst())).isEqualTo(MODULE);
            assertThat(proxy.exchanges("GET", "blobs/" + Digest.ofBytes(MODULE)))
                    .anyMatch(asked -> asked.header("Range").isPresent());
            Collector.prune(store);
            assertThat(Images.files(store.ingest)).isEmpty();
            assertThat(Images.module(store, store.images().getFirst())).isEqualTo(MODULE);
        }
    }

    /** About 2 MB per second. */
    private record Slow() implements Fault {
        @Override
        public java.io.InputStream response(java.io.InputStream body) {
            return new java.io.FilterInputStream(body) {
                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    try {
                        Thread.sleep(5);
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    return super.read(bytes, offset, Math.min(length, 10_000));
                }
            };
        }
    }

    @Test
    void pruneRemovesWhatNoImageNeeds() throws IOException {
        Images.pull(registry, name(0), store);
        Images.pull(registry, name(1), store);
        Descriptor garbage = write(store, "x", new byte[10]);
        try (Ingest broken = store.ingest(Descriptor.of("x", Digest.ofBytes(new byte[7]), 7))) {
            broken.write(new byte[3], 0, 3);
        }
        Files.writeString(store.names.resolve(".part-x"), "killed");
        store.unname(Reference.parse(name(1)));

        Collector.Removed removed = Collector.prune(store);

        assertThat(store.has(garbage)).isFalse();
        assertThat(Images.files(store.ingest)).isEmpty();
        assertThat(Images.files(store.names)).hasSize(1);
        assertThat(removed.bytes()).isGreaterThan(2_000_000);
        assertWhole(store, 0);
        assertThat(Collector.pruneAll(store).files()).isGreaterThan(0);
        assertThat(Images.files(blobs(store))).isEmpty();
    }

    @Test
    void whatIsInUseStays() {
        StoredImage image = Images.pull(registry, name(0), store);
        try (Lease lease = Lease.take(store, image.manifest().digest())) {
            assertThat(lease).isNotNull();
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Collector.remove(store, image.reference()))
                    .withMessageContaining("is in use by a running workload; stop it first");
            Collector.pruneAll(store);
            assertWhole(store, 0);
        }
        Collector.remove(store, image.reference());
        assertThat(Images.files(blobs(store))).isEmpty();
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> Collector.remove(store, image.reference()))
                .withMessageContaining("there is no image");
    }

    @Test
    void whatAnotherProcessUsesStaysUntilItIsKilled() throws Exception {
        StoredImage image = Images.pull(registry, name(0), store);
        Process other = Puller.start(
                "lease", store.root().toString(), image.manifest().digest().toString());
        try {
            assertThat(new String(other.getInputStream().readNBytes(4), UTF_8)).isEqualTo("held");
            assertThatExceptionOfType(OciException.class).isThrownBy(() -> Collector.remove(store, image.reference()));
            store.unname(image.reference());
            Collector.prune(store);
            assertThat(Images.module(store, image)).isEqualTo(MODULE);
        } finally {
            other.destroyForcibly().waitFor();
        }
        Collector.prune(store);
        assertThat(Images.files(blobs(store))).isEmpty();
        assertThat(Images.files(store.leases)).isEmpty();
    }

    @Tag("slow")
    @Test
    void manyImagesAreListed() throws IOException {
        Images.pull(registry, name(0), store);
        Descriptor content = store.images().getFirst().manifest();
        for (int i = 0; i < 10_000; i++) {
            Files.write(store.file(Digest.ofBytes(Integer.toString(i).getBytes(UTF_8))), new byte[] {(byte) i});
        }
        for (int i = 0; i < 200; i++) {
            store.name(new StoredImage(
                    Reference.parse("x.io/app:" + i), content, content, "wasm", 1, Instant.EPOCH, Optional.empty()));
        }

        assertThat(store.images()).hasSize(201);
        assertThat(store.find(Reference.parse("x.io/app@" + content.digest()))).isPresent();
        assertThat(Collector.prune(store).files()).isEqualTo(10_000);
        assertWhole(store, 0);
    }

    @Test
    void aFullDiskIsSaidWithThePathAndLeavesNothingHalfWritten() throws Exception {
        Path small = Files.createDirectory(directory.resolve("small"));
        mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", small.toString());
        try {
            Store full = Store.at(small.resolve("store"));
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.pull(registry, name(0), full))
                    .withMessageContaining(small.toString())
                    .withMessageContaining("No space left on device; skiff images prune makes room")
                    .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.STORAGE));
            assertThat(full.images()).isEmpty();
            assertThat(full.file(Digest.ofBytes(MODULE))).doesNotExist();
            Collector.prune(full);
            assertThat(Images.files(full.ingest)).isEmpty();
        } finally {
            run("umount", small.toString());
        }
    }

    @Test
    void aStoreThatCannotBeWrittenIsSaidWithThePath() throws Exception {
        Images.pull(registry, name(0), store);
        Path readOnly = Files.createDirectory(directory.resolve("ro"));
        mount("-t", "tmpfs", "-o", "size=20m", "tmpfs", readOnly.toString());
        try {
            run("cp", "-a", store.root().toString(), readOnly.resolve("store").toString());
            mount("-o", "remount,ro", readOnly.toString());
            Store fixed = Store.at(readOnly.resolve("store"));
            assertThat(fixed.images()).hasSize(1);
            assertThat(Images.module(fixed, fixed.images().getFirst())).isEqualTo(MODULE);
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.pull(registry, name(1), fixed))
                    .withMessageContaining(fixed.root().toString())
                    .withMessageContaining("--store names another place")
                    .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.STORAGE));
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Images.pull(registry, name(1), Store.at(readOnly.resolve("new"))))
                    .withMessageContaining(readOnly.resolve("new").toString());
        } finally {
            run("umount", readOnly.toString());
        }
    }

    private static void mount(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(arguments));
        Assumptions.assumeTrue(
                run(command.toArray(new String[0])) == 0, "who runs the tests may not mount a file system");
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static Descriptor write(Store store, String type, byte[] bytes) {
        Descriptor descriptor = Descriptor.of(type, bytes);
        store.write(descriptor, bytes);
        return descriptor;
    }
}
