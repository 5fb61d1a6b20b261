package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

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
                  registry    Pushes programs to registries, pulls them, logs in.
                  images      Shows and removes the images of this machine.
                  save        Writes images to a file, for sites without a network.
                  load        Reads images from a file that skiff save or another tool wrote.
                  sign        Signs an image of a registry with a key, as cosign does.
                  verify      Verifies the signatures of an image of a registry.
                  keygen      Makes a pair of keys to sign with.
                  containerd  Installs the runtime with which containerd runs Wasm programs.
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
    void aGroupListsItsCommands() {
        String help = """
                Pushes programs to registries, pulls them, logs in.

                Usage: skiff registry COMMAND [...]

                Commands:
                  push    Puts a program into a registry.
                  pull    Gets a program from a registry, to run it later without one.
                  copy    Copies an image from one place to another, without change.
                  login   Logs in to a registry.
                  logout  Forgets the credentials for a registry.

                skiff help registry COMMAND says more about one of them.
                """;

        assertThat(skiff.run("registry")).isEqualTo(new Skiff.Result(0, help, ""));
        assertThat(skiff.run("registry", "--help")).isEqualTo(new Skiff.Result(0, help, ""));
    }

    static Stream<String> members() {
        return Commands.NAMES.stream()
                .flatMap(name -> Commands.group(name).stream())
                .flatMap(group -> group.members().stream().map(member -> group.name() + " " + member));
    }

    @ParameterizedTest
    @MethodSource("members")
    void helpOfACommandInAGroupIsTheSameByOptionAndByCommand(String words) {
        String[] name = words.split(" ");

        Skiff.Result result = skiff.run(name[0], name[1], "-h");

        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("\nUsage: skiff " + words + " [").doesNotContain("null", "%");
        assertThat(result.out().lines()).allMatch(line -> line.length() <= 100);
        assertThat(skiff.run("help", name[0], name[1])).isEqualTo(result);
    }

    @Test
    void bothOperandsOfACommandAreDescribed() {
        assertThat(skiff.run("help", "registry", "copy").out()).startsWith("""
                Copies an image from one place to another, without change.

                Usage: skiff registry copy [OPTIONS] SRC DST

                Nothing is kept on this machine. Of an image for several platforms all are copied. Any artifact can
                be copied, not only WebAssembly.

                      SRC               Where it is: REGISTRY/REPOSITORY[:TAG][@DIGEST].
                      DST               Where it is to be.
                """);
    }

    @Test
    void helpForWhatDoesNotExistSaysSo() {
        assertThat(skiff.run("registry", "psh"))
                .isEqualTo(new Skiff.Result(
                        2, "", "skiff: there is no command skiff registry psh; did you mean skiff registry push?\n"));
        assertThat(skiff.run("help", "images", "build"))
                .isEqualTo(new Skiff.Result(
                        2, "", "skiff: there is no command skiff images build; there are ls, inspect, rm, prune\n"));
        assertThat(skiff.run("help", "run", "hello.wasm"))
                .isEqualTo(new Skiff.Result(
                        2,
                        "",
                        "skiff: skiff run has no commands of its own, such as hello.wasm; skiff help run says more\n"));
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
        assertThat(complete(script, "skiff", "run", "--pull", "")).containsExactly("missing", "always", "never");
    }

    @Test
    void bashCompletesCommandsOfGroupsAndTheirOptions() throws IOException, InterruptedException {
        Path script = Files.writeString(
                directory.resolve("completion"), skiff.run("completion", "bash").out());

        assertThat(complete(script, "skiff", "registry", "l")).containsExactly("login", "logout");
        assertThat(complete(script, "skiff", "images", "")).contains("ls", "inspect", "rm", "prune");
        assertThat(complete(script, "skiff", "registry", "push", "--form")).containsExactly("--format");
        assertThat(complete(script, "skiff", "registry", "push", "--format", "w"))
                .containsExactly("wasm-to-oci");
        assertThat(complete(script, "skiff", "registry", "login", "--user")).containsExactly("--username");
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
