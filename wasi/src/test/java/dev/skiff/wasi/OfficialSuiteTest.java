package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.Store;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs every WASI 0.1 program of the official test suite, each in a fresh copy of its folder. */
class OfficialSuiteTest {
    private static final List<String> SUITES = List.of("assemblyscript", "c", "rust");
    private static final int PROGRAMS = 72;

    @TempDir
    Path temp;

    @TestFactory
    List<DynamicTest> withTheKernelsResolution() throws IOException {
        return tests(Engine.create(), KernelBeneath.INSTANCE);
    }

    @TestFactory
    List<DynamicTest> withTheWalkAndMemoriesInTheHeap() throws IOException {
        return tests(Engine.builder().memoryKind(MemoryKind.HEAP).build(), WalkBeneath.INSTANCE);
    }

    private List<DynamicTest> tests(Engine engine, Beneath beneath) throws IOException {
        Path suite = temp.resolve("suite");
        TestData.unzip(TestData.find("wasi-testsuite.zip"), suite);
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : SUITES) {
            Path folder = suite.resolve(name).resolve("testsuite/wasm32-wasip1");
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(f -> f.toString().endsWith(".wasm"))
                        .sorted()
                        .forEach(f -> tests.add(DynamicTest.dynamicTest(
                                name + "/" + f.getFileName(), () -> run(engine, beneath, folder, f))));
            }
        }
        assertThat(tests).as("programs in the suite").hasSizeGreaterThanOrEqualTo(PROGRAMS);
        return tests;
    }

    private void run(Engine engine, Beneath beneath, Path folder, Path program) throws IOException {
        String name = program.getFileName().toString();
        Path description = folder.resolve(name.replace(".wasm", ".json"));
        Map<String, Object> expected =
                Files.exists(description) ? Json.object(Files.readString(description)) : Map.of();
        Path fresh = Files.createTempDirectory(temp, "run");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        WasiConfig.Builder config = WasiConfig.builder()
                .beneath(beneath)
                .args(name)
                .stdin(new StandardInput.Stream(
                        new ByteArrayInputStream(string(expected, "stdin").getBytes(StandardCharsets.UTF_8))))
                .stdout(new StandardOutput.Stream(out))
                .stderr(new StandardOutput.Stream(err));
        list(expected, "args").forEach(arg -> config.args((String) arg));
        ((Map<?, ?>) expected.getOrDefault("env", Map.of()))
                .forEach((key, value) -> config.env((String) key, (String) value));
        for (Object dir : list(expected, "dirs")) {
            TestData.copy(folder.resolve((String) dir), fresh.resolve((String) dir));
            config.directory(fresh.resolve((String) dir), (String) dir);
        }

        int status = run(engine, program, config.build());

        assertThat(status).as(() -> "status; stderr: " + err).isEqualTo(expected.getOrDefault("exit_code", 0));
        if (expected.containsKey("stdout")) {
            assertThat(out).hasToString(string(expected, "stdout"));
        }
    }

    private static int run(Engine engine, Path program, WasiConfig config) throws IOException {
        Module module = engine.compile(Files.readAllBytes(program));
        try (Store store = new Store(engine, Limits.DEFAULT)) {
            Wasi.attach(store, config);
            Instance instance = Preview1.addTo(new Linker(), module).instantiate(store, module);
            instance.call("_start");
            return 0;
        } catch (WasiExit exit) {
            return exit.code();
        }
    }

    private static String string(Map<String, Object> map, String key) {
        return (String) map.getOrDefault(key, "");
    }

    private static List<?> list(Map<String, Object> map, String key) {
        return (List<?>) map.getOrDefault(key, List.of());
    }
}
