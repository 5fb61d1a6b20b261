package dev.skiff.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.skiff.wasm.LimitException;
import dev.skiff.wasm.LimitException.Limit;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.LinkException;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of exit statuses in docs/run.md. */
class ExitStatusTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "125, 125", "255, 255", "256, 0", "-1, 255"})
    void aGuestsOwnCodeIsSeenAsOfEveryProcess(int guestCode, int status) {
        assertThat(new ExitStatus.Exited(guestCode).code()).isEqualTo(status);
        assertThat(new ExitStatus.Exited(guestCode).reason()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, 129", "2, 130", "9, 137", "15, 143"})
    void aSignalIs128AndItsNumber(int signal, int status) {
        assertThat(new ExitStatus.Signalled(signal).code()).isEqualTo(status);
    }

    @Test
    void aSignalHasANumber() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ExitStatus.Signalled(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new ExitStatus.Signalled(65));
    }

    @Test
    void whatNeverRanIs126Or127() {
        assertThat(new NotRunnableException("it is text").status()).isEqualTo(new ExitStatus.NotRunnable("it is text"));
        assertThat(new NotRunnableException("it is text").status().code()).isEqualTo(126);
        assertThat(new NoEntryPointException("no _start").status().code()).isEqualTo(126);
        assertThat(new NotFoundException("no file").status().code()).isEqualTo(127);
    }

    @ParameterizedTest
    @EnumSource(
            value = TrapCode.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"OUT_OF_MEMORY", "OUT_OF_FUEL", "DEADLINE_EXCEEDED"})
    void trapsAre134(TrapCode code) {
        ExitStatus status = ending(new Trap(code));

        assertThat(status.code()).isEqualTo(134);
        assertThat(status.reason()).contains("trap: " + code.text());
        assertThat(status).isEqualTo(new ExitStatus.Trapped(Optional.of(code), code.text(), List.of()));
    }

    @ParameterizedTest
    @EnumSource(names = {"MEMORY", "HEAP_MEMORY", "SYSTEM_MEMORY"})
    void memoryBeyondWhatThereIsIs137(Limit limit) {
        assertThat(ending(new LimitException(limit, "16 MiB asked for")))
                .isEqualTo(new ExitStatus.OutOfMemory(Optional.of(limit), "16 MiB asked for", List.of()));
        assertThat(ending(new Trap(TrapCode.OUT_OF_MEMORY)).code()).isEqualTo(137);
        assertThat(ending(new OutOfMemoryError()).code()).isEqualTo(137);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"MEMORY", "HEAP_MEMORY", "SYSTEM_MEMORY"})
    void whatNeedsTooMuchOfSomethingElseCannotBeRun(Limit limit) {
        assertThat(ending(new LimitException(limit, "too much"))).isEqualTo(new ExitStatus.NotRunnable("too much"));
    }

    @Test
    void aProgramWithoutWhatItsHostFunctionsNeedCannotBeRun() {
        assertThat(ending(new LinkException("no memory"))).isEqualTo(new ExitStatus.NotRunnable("no memory"));
    }

    @Test
    void aGuestThatGivesUpBecauseItsMemoryCouldNotGrowIsOutOfMemory() {
        Limits limits = Limits.DEFAULT.withMaxMemoryBytes(1 << 20);

        ExitStatus gaveUp = Endings.of(new Trap(TrapCode.UNREACHABLE), limits, 1);
        ExitStatus fault = Endings.of(new Trap(TrapCode.MEMORY_OUT_OF_BOUNDS), limits, 1);

        assertThat(gaveUp.code()).isEqualTo(137);
        assertThat(gaveUp.reason())
                .contains("out of memory: its memory could not grow beyond the limit of 1048576 bytes, and it gave up"
                        + " (unreachable)");
        assertThat(fault.code()).isEqualTo(134);
    }

    @Test
    void fuelAndDeadlineAre124() {
        ExitStatus fuel = Endings.of(new Trap(TrapCode.OUT_OF_FUEL), Limits.DEFAULT.withFuel(1000), 0);
        ExitStatus time = ending(new Trap(TrapCode.DEADLINE_EXCEEDED));

        assertThat(fuel.code()).isEqualTo(124);
        assertThat(fuel.reason()).contains("stopped: its fuel of 1000 units is used up");
        assertThat(time.code()).isEqualTo(124);
    }

    @Test
    void aFailureOfSkiffItselfIs70() {
        assertThat(ending(new IllegalStateException("oops")).code()).isEqualTo(70);
    }

    private static ExitStatus ending(Throwable thrown) {
        return Endings.of(thrown, Limits.DEFAULT, 0);
    }
}
