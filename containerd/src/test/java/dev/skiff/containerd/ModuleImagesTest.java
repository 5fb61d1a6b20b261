package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.host.ModuleSource;
import dev.skiff.host.Runner;
import dev.skiff.host.Workload;
import dev.skiff.oci.Digest;
import dev.skiff.oci.LayerFile;
import dev.skiff.wasm.Engine;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Modules and the images of a real containerd. */
@Tag("slow")
class ModuleImagesTest {
    private static final String NAMESPACE = "default";
    private static final Duration LONG = Duration.ofDays(1);

    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Containerd containerd;

    private final Runner runner = new Runner(Engine.create(), 8);
    private ModuleImages images;

    @BeforeAll
    static void start() throws IOException {
        containerd = CONTAINERDS.start(Containerd.Version.INSTALLED);
        ImageArchive.load(containerd, "localhost/first:v1", LayerFile.of("a.wasm", Guests.LOOP, 0755));
    }

    @BeforeEach
    void knowNone() {
        images = images(LONG);
        containerd.succeed("images", "tag", "--force", "localhost/first:v1", "localhost/a:v1");
        containerd.succeed("images", "tag", "--force", "localhost/first:v1", "localhost/b:v1");
    }

    private ModuleImages images(Duration patience) {
        return new ModuleImages(runner, new ImageStore(containerd.socket()), patience);
    }

    /** A container of an image. */
    private static TaskKey container(String id, String image) {
        containerd.ctr("containers", "rm", id);
        containerd.succeed("containers", "create", image, id);
        return new TaskKey(NAMESPACE, id);
    }

    private static void remove(String image) {
        containerd.succeed("images", "rm", "--sync", image);
    }

    /** Has the runner remember a module. */
    private Digest module(byte[] bytes) {
        return runner.prepare(
                        Workload.of(new ModuleSource.OfBytes("guest", bytes)).build())
                .preparation()
                .module()
                .orElseThrow();
    }

    private void sweepAndExpect(int remembered) {
        images.sweep();
        assertThat(runner.moduleUse().remembered()).isEqualTo(remembered);
    }

    @Test
    void aModuleIsForgottenWhenItsImageIsGone() {
        images.of(container("one", "localhost/a:v1")).begin(module(Guests.LOOP)).run();
        module(Guests.TRAP);
        sweepAndExpect(2);

        remove("localhost/a:v1");

        sweepAndExpect(1);
        sweepAndExpect(1);
    }

    @Test
    void itStaysWhileAnotherImageHasItToo() {
        images.of(container("one", "localhost/a:v1")).begin(module(Guests.LOOP)).run();
        images.of(container("two", "localhost/b:v1")).begin(module(Guests.LOOP)).run();

        remove("localhost/a:v1");
        sweepAndExpect(1);

        remove("localhost/b:v1");
        sweepAndExpect(0);
    }

    @Test
    void itStaysWhileATaskRunsIt() {
        Runnable end = images.of(container("one", "localhost/a:v1")).begin(module(Guests.LOOP));
        remove("localhost/a:v1");
        sweepAndExpect(1);

        end.run();

        sweepAndExpect(0);
    }

    @Test
    void whatIsRunAgainFromAnImageThatCameAgainIsKnownAgain() {
        ContainerImage image = images.of(container("one", "localhost/a:v1"));
        image.begin(module(Guests.LOOP)).run();
        remove("localhost/a:v1");
        sweepAndExpect(0);

        containerd.succeed("images", "tag", "localhost/first:v1", "localhost/a:v1");
        image.begin(module(Guests.LOOP)).run();
        sweepAndExpect(1);

        remove("localhost/a:v1");
        sweepAndExpect(0);
    }

    @Test
    void aModuleOfNoImageIsForgottenWhenNobodyHasRunItForLong() {
        ContainerImage none = images.of(new TaskKey(NAMESPACE, "none"));
        none.begin(module(Guests.LOOP)).run();
        sweepAndExpect(1);

        images = images(Duration.ZERO);
        Runnable end = images.of(new TaskKey(NAMESPACE, "none")).begin(module(Guests.LOOP));
        sweepAndExpect(1);
        end.run();
        sweepAndExpect(0);
    }

    @Test
    void nothingIsForgottenWhileContainerdIsAway() throws IOException, InterruptedException {
        images.of(container("one", "localhost/a:v1")).begin(module(Guests.LOOP)).run();
        remove("localhost/a:v1");
        containerd.kill();
        sweepAndExpect(1);

        containerd.start();

        sweepAndExpect(0);
    }

    @Test
    void noMoreModulesAreKnownThanThereIsRoomFor() {
        ContainerImage image = images.of(container("one", "localhost/a:v1"));
        image.begin(module(Guests.LOOP)).run();
        for (int i = 0; i < 1024; i++) {
            image.begin(Digest.ofBytes(new byte[] {(byte) i, (byte) (i >> 8)})).run();
        }
        remove("localhost/a:v1");

        // The first fell out, and is remembered until others are.
        sweepAndExpect(1);
    }
}
