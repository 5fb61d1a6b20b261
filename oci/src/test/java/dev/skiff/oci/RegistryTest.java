package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.testing.TestRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Artifacts travel to a real registry and back. */
class RegistryTest {
    private static TestRegistry server;

    @TempDir
    private Path directory;

    private Store store;
    private Registry registry;

    @BeforeAll
    static void start() {
        server = TestRegistry.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open() {
        store = Store.at(directory.resolve("store"));
        registry = new Registry(RegistryOptions.DEFAULT);
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private static Reference reference(String rest) {
        return Reference.parse(server.address() + "/" + rest);
    }

    private static ArtifactWriter writer(byte[] module) {
        return new ArtifactWriter("app.wasm", module, Instant.EPOCH, Map.of());
    }

    private StoredImage pull(Reference reference) {
        return registry.pull(reference, store, Optional.empty(), TrustCheck.NONE, TransferListener.NONE);
    }

    @Test
    void whatIsPushedCanBePulled() {
        byte[] module = Modules.withPadding(1_000);
        Descriptor pushed = registry.push(writer(module).artifact(), reference("app:v1"), TransferListener.NONE);

        StoredImage image = pull(reference("app:v1"));

        assertThat(image.root()).isEqualTo(pushed);
        assertThat(image.kind()).isEqualTo("wasm");
        assertThat(moduleOf(image)).isEqualTo(module);
        assertThat(store.find(reference("app:v1"))).contains(image);
        assertThat(pull(reference("app@" + pushed.digest())).root()).isEqualTo(pushed);
    }

    @Test
    void largeContentGoesInChunks() {
        byte[] module = Modules.withPadding(40 << 20);
        registry.push(writer(module).wasmToOci(), reference("large"), TransferListener.NONE);

        assertThat(moduleOf(pull(reference("large")))).isEqualTo(module);
    }

    @Test
    void whatIsThereIsNotTransferredAgain() {
        byte[] module = Modules.withPadding(100);
        registry.push(writer(module).artifact(), reference("twice:v1"), TransferListener.NONE);
        Counting counting = new Counting();

        registry.push(writer(module).artifact(), reference("twice:v2"), counting);
        pull(reference("twice:v2"));
        registry.pull(reference("twice:v1"), store, Optional.empty(), TrustCheck.NONE, counting);

        assertThat(counting.states).containsOnly(TransferListener.State.PRESENT);
    }

    @Test
    void copiesWithinARegistryMountTheContent() {
        byte[] module = Modules.withPadding(100_000);
        Descriptor pushed = registry.push(writer(module).artifact(), reference("from:v1"), TransferListener.NONE);
        Counting counting = new Counting();

        Descriptor copied = registry.copy(reference("from:v1"), reference("to/here:v2"), counting);

        assertThat(copied).isEqualTo(pushed);
        assertThat(counting.states).containsOnly(TransferListener.State.MOUNTED);
        assertThat(moduleOf(pull(reference("to/here:v2")))).isEqualTo(module);
    }

    @Test
    void copiesFromOneRegistryToAnother() {
        byte[] module = Modules.withPadding(20 << 20);
        registry.push(writer(module).artifact(), reference("far:v1"), TransferListener.NONE);
        try (TestRegistry other = TestRegistry.start()) {
            Reference there = Reference.parse(other.address() + "/near:v1");

            registry.copy(reference("far:v1"), there, TransferListener.NONE);

            assertThat(moduleOf(pull(there))).isEqualTo(module);
        }
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> pull(reference("nothing:here")))
                .withMessage("cannot get the manifest here of " + server.address() + "/nothing: " + server.address()
                        + " does not have it (404): manifest unknown")
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND));
    }

    private byte[] moduleOf(StoredImage image) {
        Document.Manifest manifest = (Document.Manifest) store.document(image.manifest(), "the manifest");
        return store.read(manifest.layers().getFirst(), 1 << 30, "the module");
    }

    private static final class Counting implements TransferListener {
        private final List<State> states = java.util.Collections.synchronizedList(new java.util.ArrayList<>());

        @Override
        public void started(Descriptor descriptor, State state) {
            states.add(state);
        }
    }
}
