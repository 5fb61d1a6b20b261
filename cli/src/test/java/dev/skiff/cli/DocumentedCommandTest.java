package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DocumentedCommandTest {
    @Test
    void aMarkedBlockIsRunAndItsOutputCompared() {
        List<String> page = """
                Text.
                <!-- test -->
                ```sh
                echo one
                echo two
                ```

                ```text
                one
                two
                ```
                """.lines().toList();

        assertThat(DocumentedCommand.in(page))
                .containsExactly(new DocumentedCommand(
                        3, "echo one\necho two", 0, Optional.of(new ExpectedOutput(List.of("one", "two")))));
    }

    @Test
    void aBlockWithoutMarkIsNotRun() {
        assertThat(DocumentedCommand.in(List.of("```sh", "rm -rf /", "```"))).isEmpty();
    }

    @Test
    void anExitStatusCanBeExpectedWithoutOutput() {
        List<String> page =
                List.of("<!-- test exit=134 -->", "```sh", "exit 134", "```", "Text.", "```text", "x", "```");

        assertThat(DocumentedCommand.in(page))
                .containsExactly(new DocumentedCommand(2, "exit 134", 134, Optional.empty()));
    }

    @Test
    void aMarkWithoutBlockIsAnError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DocumentedCommand.in(List.of("<!-- test -->", "Text.")))
                .withMessageContaining("line 1");
    }

    @Test
    void dotsStandForAnyTextOrLines() {
        ExpectedOutput output = new ExpectedOutput(List.of("took ... ms (a+b)", "...", "end"));

        assertThat(output.matches(List.of("took 12 ms (a+b)", "end"))).isTrue();
        assertThat(output.matches(List.of("took 12 ms (a+b)", "x", "y", "end"))).isTrue();
        assertThat(output.matches(List.of("took 12 ms (aab)", "end"))).isFalse();
        assertThat(output.matches(List.of("took 12 ms (a+b)", "end", "more"))).isFalse();
        assertThat(output.matches(List.of("took 12", "3 ms (a+b)", "end"))).isFalse();
    }
}
