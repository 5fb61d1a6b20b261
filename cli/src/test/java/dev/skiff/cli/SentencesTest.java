package dev.skiff.cli;

import static dev.skiff.cli.TestModule.command;
import static dev.skiff.cli.TestModule.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every complaint word for word, with its exit status: whoever changes one sees here what users will read. */
class SentencesTest {
    private static final String LOOP = "03 40 0c 00 0b";

    @TempDir
    private Path directory;

    private Skiff skiff;

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory);
    }

    private void complains(int status, String sentence, String... args) {
        Skiff.Result result = skiff.run(args);

        assertThat(result.err()).isEqualTo("skiff: " + sentence + "\n");
        assertThat(result.out()).isEmpty();
        assertThat(result.status()).isEqualTo(status);
    }

    private String math() {
        return skiff.file(
                "math.wasm",
                new TestModule()
                        .function("add", "02 7f 7f 01 7f", "20 00 20 01 6a")
                        .function("half", "01 7c 01 7c", "20 00 44 00 00 00 00 00 00 e0 3f a2")
                        .function("crash", "00 00", "00")
                        .bytes());
    }

    @Test
    void commandsThatDoNotExist() {
        complains(2, "there is no command rnu; did you mean skiff run?", "rnu");
        complains(2, "there is no command deploy; skiff --help lists the commands", "deploy");
        complains(2, "there is no command app.wasm; to run a module: skiff run app.wasm", "app.wasm");
        complains(
                2,
                "options come after the command: skiff COMMAND -v ...; skiff --help lists the commands",
                "-v",
                "run",
                "app.wasm");
    }

    @Test
    void optionsThatDoNotFit() {
        complains(2, "skiff run has no option --feul; did you mean --fuel?", "run", "--feul", "1", "x");
        complains(2, "--fuel needs a value: --fuel N", "run", "--fuel");
        complains(2, "skiff run needs a FILE; skiff run --help says more", "run");
        complains(
                2,
                "--max-memory takes a size such as 64MiB or 1GiB, up to 1TiB, not 'lots'",
                "run",
                "--max-memory",
                "lots",
                math());
        complains(2, "--timeout takes a time such as 500ms, 5s or 2m, not '5'", "run", "--timeout", "5", math());
        complains(2, "--io-bytes takes more than nothing, not '0'", "run", "--io-bytes", "0", math());
        complains(2, "--io-operations takes more than nothing, not '0'", "run", "--io-operations", "0", math());
        complains(2, "--memory takes off-heap or heap, not 'disk'", "run", "--memory", "disk", math());
        complains(
                2,
                "--dir takes HOST[::GUEST][:ro], such as data, data::/data or data::/data:ro, not '::/data'",
                "run",
                "--dir",
                "::/data",
                math());
        complains(2, "--env takes NAME=VALUE or NAME, not '=x'", "run", "--env", "=x", math());
        complains(
                2,
                "--listen takes an address and a port such as 127.0.0.1:8080, not '8080'",
                "run",
                "--listen",
                "8080",
                math());
        complains(2, "--format takes text or json, not 'xml'", "inspect", "--format", "xml", math());
        complains(2, "skiff completion knows bash and zsh, not fish", "completion", "fish");
    }

    @Test
    void filesThatAreNotThere() throws IOException {
        complains(127, "cannot run missing.wasm: there is no such file", "run", path("missing.wasm"));
        complains(127, "cannot inspect missing.wasm: there is no such file", "inspect", path("missing.wasm"));
        complains(127, "cannot compile missing.wasm: there is no such file", "compile", path("missing.wasm"));
        Files.createDirectory(directory.resolve("folder"));
        complains(126, "cannot run folder: it is a directory, not a WebAssembly module", "run", path("folder"));
    }

    @Test
    void filesThatAreNoModules() {
        complains(126, "cannot run a: it is empty", "run", skiff.file("a", ""));
        complains(
                126,
                "cannot run a: it is no WebAssembly module, but a Linux program or library (ELF)",
                "run",
                skiff.file("a", hex("7f 45 4c 46 02 01 01 00")));
        complains(
                126,
                "cannot run a: it is no WebAssembly module, but gzip-compressed data; unpack it first (gzip -d)",
                "run",
                skiff.file("a", hex("1f 8b 08 00")));
        complains(
                126,
                "cannot run a: it is no WebAssembly module, but an HTML page, perhaps a download that went wrong",
                "run",
                skiff.file("a", "<!doctype html>\n"));
        complains(126, "cannot run a: it is no WebAssembly module, but text", "run", skiff.file("a", "hello\n"));
        complains(
                126,
                "cannot run a: it is no WebAssembly module: it starts with the bytes 00 01 02 ff",
                "run",
                skiff.file("a", hex("00 01 02 ff fe")));
        complains(
                126,
                "cannot run a: it is a WebAssembly component, and so far Skiff runs core modules only",
                "run",
                skiff.file("a", hex("00 61 73 6d 0d 00 01 00")));
        complains(
                126,
                "cannot run a: it is WebAssembly of a version that Skiff does not know",
                "run",
                skiff.file("a", hex("00 61 73 6d 02 00 00 00")));
        complains(
                126,
                "cannot run a: it is the beginning of a WebAssembly module, cut off within its header",
                "run",
                skiff.file("a", hex("00 61 73 6d 01")));
    }

    @Test
    void modulesThatAreDamaged() {
        byte[] whole = command(LOOP);
        Skiff.Result cut = skiff.run("run", skiff.file("cut.wasm", Arrays.copyOf(whole, whole.length - 3)));
        assertThat(cut.status()).isEqualTo(126);
        assertThat(cut.err())
                .startsWith("skiff: cannot run cut.wasm: the module is malformed at offset 0x1e: ")
                .contains("section 10 has 9 bytes by its header, but only 6 are left")
                .hasLineCount(1);
        Skiff.Result bad = skiff.run("run", skiff.file("bad.wasm", command("41 01")));
        assertThat(bad.status()).isEqualTo(126);
        assertThat(bad.err())
                .startsWith("skiff: cannot run bad.wasm: the module is invalid at offset 0x25 in the code section,"
                        + " function 0: type mismatch: ")
                .hasLineCount(1);
    }

    @Test
    void modulesThatNeedMoreThanThereIs() {
        complains(
                126,
                "cannot run simd.wasm: the module needs vector instructions (instruction 0xfd 0x0f in the code section,"
                        + " function 0 at offset 0x25), which this engine does not support",
                "run",
                skiff.file("simd.wasm", command("41 00 fd 0f 1a")));
        complains(
                126,
                "cannot run import.wasm: the import env.foo: () -> () is missing; there is no module \"env\" but"
                        + " \"wasi_snapshot_preview1\"\n    it was built for another host, such as a browser; build it for"
                        + " WASI 0.1, for example with the target wasm32-wasip1",
                "run",
                skiff.file(
                        "import.wasm",
                        new TestModule()
                                .importing("env", "foo", "00 00")
                                .function("_start", "00 00", "")
                                .bytes()));
    }

    @Test
    void whatCannotBeCalled() {
        complains(
                126,
                "cannot run math.wasm: it is not a program: it has no _start function; it exports add (i32, i32) ->"
                        + " (i32), half (f64) -> (f64), crash () -> (); --invoke calls one of them",
                "run",
                math());
        complains(
                127,
                "cannot run math.wasm: it exports no function ad (did you mean add?); it exports add (i32, i32) ->"
                        + " (i32), half (f64) -> (f64), crash () -> ()",
                "run",
                "--invoke",
                "ad",
                math());
        complains(
                126,
                "cannot run math.wasm: add takes 2 arguments (i32, i32), and 1 was given",
                "run",
                "--invoke",
                "add",
                math(),
                "2");
        complains(
                126,
                "cannot run math.wasm: argument 2 of add, 'three', is no i32: a 32-bit integer is -2147483648 to"
                        + " 4294967295, in decimal or as 0x1f",
                "run",
                "--invoke",
                "add",
                math(),
                "2",
                "three");
    }

    @Test
    void directoriesThatAreNotThere() {
        String empty = skiff.file("empty.wasm", command(""));
        complains(
                127,
                "cannot run empty.wasm: it was given the directory nowhere, which does not exist",
                "run",
                "--dir",
                path("nowhere") + "::/data:ro",
                empty);
        complains(
                126,
                "cannot run empty.wasm: it was given empty.wasm, which is not a directory",
                "run",
                "--dir",
                empty,
                empty);
    }

    @Test
    void textWithoutAnAssembler() {
        skiff.with("PATH", directory.toString());
        complains(
                126,
                "cannot assemble a.wat: it is a module in the text format, and no wasm-tools, wat2wasm or wasm-as is on"
                        + " the PATH; install one of them (Debian: apt install wabt), or give the .wasm file",
                "run",
                skiff.file("a.wat", "(module)"));
    }

    @Test
    void guestsThatTrap() {
        complains(134, "trap: unreachable\n    at crash (func 2) at 0x53", "run", "--invoke", "crash", math());
        complains(
                134,
                "trap: call stack exhausted\n    at _start (func 0) at 0x23 (64 times)",
                "run",
                skiff.file("deep.wasm", command("10 00")));
    }

    @Test
    void guestsThatMeetALimit() {
        String loop = skiff.file("loop.wasm", command(LOOP));
        complains(
                124,
                "stopped: its time of 50 ms is up\n    at _start (func 0) at 0x23",
                "run",
                "--timeout",
                "50ms",
                loop);
        complains(
                124,
                "stopped: its fuel of 1000 units is used up\n    at _start (func 0) at 0x23",
                "run",
                "--fuel",
                "1_000",
                loop);
    }

    @Test
    void guestsThatNeedMoreMemoryThanTheyMayHave() {
        complains(
                137,
                "out of memory: a memory of 1114112 bytes is over the limit of 1048576 bytes\n"
                        + "    --max-memory lets it have more",
                "run",
                "--max-memory",
                "1MiB",
                skiff.file("big.wasm", emptyWith(new TestModule().memory(17))));
        complains(
                137,
                "out of memory: a memory of 2621440000 bytes cannot be kept in the Java heap, where one has less than"
                        + " 2 GiB\n    --memory off-heap lets it have more",
                "run",
                "--memory",
                "heap",
                "--max-memory",
                "4GiB",
                skiff.file("huge.wasm", emptyWith(new TestModule().memory(40_000))));
        complains(
                137,
                "out of memory: its memory could not grow beyond the limit of 1048576 bytes, and it gave up"
                        + " (unreachable)\n    at _start (func 0) at 0x3b\n    --max-memory lets it have more",
                "run",
                "--max-memory",
                "1MiB",
                skiff.file("greedy.wasm", greedy()));
    }

    /** A command that asks for 100 pages and aborts if it does not get them. */
    private static byte[] greedy() {
        String grow = "41 e4 00 40 00";
        String abortIfRefused = "41 7f 46 04 40 00 0b";
        return new TestModule()
                .memory(1)
                .function("_start", "00 00", grow + abortIfRefused)
                .bytes();
    }

    @Test
    void modulesThatNeedMoreThanAnyOptionGives() {
        complains(
                126,
                "a table of 2000000 elements is over the limit of 1000000 elements",
                "run",
                skiff.file("table.wasm", emptyWith(new TestModule().table(2_000_000))));
        complains(
                126,
                "the module exports no memory named \"memory\"; it exports none",
                "run",
                skiff.file(
                        "bare.wasm",
                        new TestModule()
                                .importing("wasi_snapshot_preview1", "random_get", "02 7f 7f 01 7f")
                                .function("_start", "00 00", "41 00 41 04 10 00 1a")
                                .bytes()));
    }

    private static byte[] emptyWith(TestModule module) {
        return module.function("_start", "00 00", "").bytes();
    }

    @Test
    void aNameInAModuleCannotDriveTheTerminal() {
        complains(
                126,
                "cannot run evil.wasm: it is not a program: it has no _start function; it exports"
                        + " \\u{1b}[2Jclear () -> (); --invoke calls one of them",
                "run",
                skiff.file(
                        "evil.wasm",
                        new TestModule().function("\u001b[2Jclear", "00 00", "").bytes()));
    }

    @Test
    void theStackTraceComesOnlyWhenAskedFor() {
        String cut = skiff.file("cut.wasm", hex("00 61 73 6d 01 00 00 00 01"));

        assertThat(skiff.run("run", cut).err()).hasLineCount(1);
        assertThat(skiff.run("run", "-v", cut).err()).contains("MalformedModuleException", "\tat dev.skiff.");
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }
}
