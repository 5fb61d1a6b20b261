package dev.skiff.host;

import static dev.skiff.host.Programs.ADD;
import static dev.skiff.host.Programs.EMPTY;
import static dev.skiff.host.Programs.LOOP;
import static dev.skiff.host.Programs.workload;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.Digest;
import dev.skiff.wasm.Engine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A runner that remembers modules, with an engine that keeps their code on disk. */
class RememberedCodeTest {
    @TempDir
    private Path directory;

    private Engine engine;
    private Runner runner;

    @BeforeEach
    void start() {
        engine = Engine.builder().codeCache(directory).build();
        runner = new Runner(engine, 2);
    }

    private static Execution prepared(Runner runner, String program) {
        return runner.prepare(workload(program).build());
    }

    private static Digest digest(Execution execution) {
        return execution.preparation().module().orElseThrow();
    }

    private boolean isOnDisk(String program) {
        return prepared(new Runner(engine), program).module().fromCodeCache();
    }

    @Test
    void whatRunsIsKnownByItsDigest() {
        Execution first = prepared(runner, EMPTY);

        assertThat(digest(first))
                .hasToString("sha256:" + first.module().digest())
                .isEqualTo(digest(prepared(runner, EMPTY)))
                .isNotEqualTo(digest(prepared(runner, LOOP)));
        assertThat(prepared(new Runner(engine), EMPTY).preparation().module()).isEmpty();
    }

    @Test
    void whatWasTranslatedIsSavedOnce() {
        Execution execution = prepared(runner, EMPTY);
        assertThat(runner.saveTranslated()).isFalse();
        assertThat(execution.run()).isEqualTo(ExitStatus.Exited.SUCCESS);

        assertThat(runner.saveTranslated()).isTrue();
        prepared(runner, EMPTY).run();
        assertThat(runner.saveTranslated()).isFalse();

        Runner next = new Runner(engine, 2);
        assertThat(prepared(next, EMPTY).module().fromCodeCache()).isTrue();
        assertThat(next.moduleUse().found()).isEqualTo(1);
        assertThat(runner.moduleUse().found()).isZero();
    }

    @Test
    void aModuleThatIsForgottenIsGoneFromMemoryAndDisk() {
        Execution first = prepared(runner, EMPTY);
        first.run();
        prepared(runner, LOOP);
        runner.saveTranslated();
        assertThat(runner.moduleUse().remembered()).isEqualTo(2);

        runner.forget(digest(first));

        assertThat(runner.moduleUse().remembered()).isEqualTo(1);
        assertThat(runner.moduleUse().forgotten()).isEqualTo(1);
        assertThat(isOnDisk(EMPTY)).isFalse();
        assertThat(prepared(runner, EMPTY).module()).isNotSameAs(first.module());
    }

    @Test
    void whatFellOutOfMemoryIsForgottenOnDiskToo() {
        Execution first = prepared(runner, EMPTY);
        first.run();
        runner.saveTranslated();
        prepared(runner, LOOP);
        runner.prepare(workload(ADD)
                .entryPoint(new EntryPoint.Invoke("add", List.of("1", "2")))
                .build());
        assertThat(isOnDisk(EMPTY)).isTrue();

        runner.forget(digest(first));

        assertThat(isOnDisk(EMPTY)).isFalse();
        assertThat(runner.moduleUse().forgotten()).isZero();
    }

    @Test
    void whoRunsAModuleThatIsForgottenGoesOn() throws InterruptedException {
        Execution execution = prepared(runner, LOOP);
        execution.start();

        runner.forget(digest(execution));

        assertThat(execution.await(Duration.ofMillis(50))).isEmpty();
        execution.stop(9);
        assertThat(execution.await(Duration.ofSeconds(5))).isEqualTo(Optional.of(new ExitStatus.Signalled(9)));
    }
}
