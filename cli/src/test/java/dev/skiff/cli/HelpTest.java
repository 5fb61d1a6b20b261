package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class HelpTest {
    @TempDir
    private Path directory;

    private Skiff skiff;

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory);
    }

    @Test
    void theCommandsAreListed() {
        String help = """
                Skiff runs WebAssembly programs: fast, and contained.

                Usage: skiff COMMAND [...]

                Commands:
                  run         Runs a WebAssembly program.
                  compile     Translates modules now, so that they start without delay later.
                  inspect     Shows what a module needs, offers and is made of.
                  completion  Writes a completion script for your shell.
                  version     Shows the version of Skiff and of its Java runtime.
                  help        Shows the commands, or the options of one command.

                skiff help COMMAND says more about one of them.
                """;

        assertThat(skiff.run()).isEqualTo(new Skiff.Result(0, help, ""));
        assertThat(skiff.run("--help")).isEqualTo(new Skiff.Result(0, help, ""));
        assertThat(skiff.run("help")).isEqualTo(new Skiff.Result(0, help, ""));
    }

    @Test
    void theHelpOfACommandFitsTheScreen() {
        Skiff.Result result = skiff.run("run", "--help");

        assertThat(result.status()).isZero();
        assertThat(result.out())
                .startsWith("Runs a WebAssembly program.\n\nUsage: skiff run [OPTIONS] FILE [ARG...]\n")
                .contains(
                        "\nLimits:\n      --timeout TIME       Stops it after TIME, such as 500ms, 5s or 2m (status 124).\n",
                        "\nExamples:\n  skiff run hello.wasm                                 runs a program\n");
        assertThat(result.out().lines()).allMatch(line -> line.length() <= 100);
    }

    @ParameterizedTest
    @FieldSource("dev.skiff.cli.Commands#NAMES")
    void helpIsTheSameByOptionAndByCommand(String command) {
        Skiff.Result result = skiff.run(command, "-h");

        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("Usage: skiff " + command).doesNotContain("null", "%");
        assertThat(skiff.run("help", command)).isEqualTo(result);
    }

    @Test
    void helpForWhatDoesNotExistSaysSo() {
        assertThat(skiff.run("help", "inspct"))
                .isEqualTo(new Skiff.Result(2, "", "skiff: there is no command inspct; did you mean skiff inspect?\n"));
    }

    @Test
    void theVersionNamesTheJavaRuntimeToo() {
        assertThat(skiff.run("version").out()).startsWith("skiff ").contains("\njava 2");
        assertThat(skiff.run("--version")).isEqualTo(skiff.run("version"));
    }

    @Test
    void bashCompletesCommandsAndOptions() throws IOException, InterruptedException {
        Path script = Files.writeString(
                directory.resolve("completion"), skiff.run("completion", "bash").out());

        assertThat(complete(script, "skiff", "ins")).containsExactly("inspect");
        assertThat(complete(script, "skiff", "run", "--max")).containsExactly("--max-memory");
        assertThat(complete(script, "skiff", "run", "--memory", "h")).containsExactly("heap");
    }

    private static List<String> complete(Path script, String... words) throws IOException, InterruptedException {
        String array = String.join(" ", words);
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        ". " + script + "; COMP_WORDS=(" + array + "); COMP_CWORD=" + (words.length - 1)
                                + "; COMP_LINE='" + array
                                + "'; _complete_skiff 2>/dev/null; printf '%s\\n' \"${COMPREPLY[@]}\"")
                .start();
        List<String> lines = bash.inputReader().lines().map(String::strip).toList();
        assertThat(bash.waitFor()).isZero();
        return lines;
    }
}
