package dev.skiff.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The engines that can be measured here.
 *
 * @param bench the folder of this module
 * @param installed where {@code bench/peers.sh} put the peers
 */
record Peers(Path bench, Path installed) {
    static final String GCC = "gcc";
    static final String V8 = "v8";
    static final String WASMTIME = "wasmtime";
    static final String SKIFF = "skiff";

    private static final String GRAALVM = "-25.0.2.jar";

    List<Peer> all() {
        return List.of(
                program(
                                GCC,
                                "gcc -O2",
                                List.of("sh", bench.resolve("drivers/native.sh").toString(), installed.toString()))
                        .forCommands(Set.of("kernel", "hostcall")),
                jvm(SKIFF, "Skiff", skiffFlags()),
                program(
                        V8,
                        "V8 (Node)",
                        List.of(
                                "node",
                                "--no-warnings",
                                bench.resolve("drivers/v8.mjs").toString())),
                program(
                        WASMTIME,
                        "wasmtime",
                        List.of(installed.resolve("wasmtime").toString())),
                program(
                                "wasmtime-checks",
                                "wasmtime, stop checks",
                                List.of(installed.resolve("wasmtime").toString()))
                        .withEnvironment(Map.of("STOP_CHECKS", "1"))
                        .forCommands(Set.of("kernel", "quickjs", "program")),
                program("wazero", "wazero", List.of(installed.resolve("wazero").toString())),
                jvm("endive", "Endive compiler", List.of()),
                jvm("graalwasm", "GraalWasm", graalFlags()));
    }

    private Peer program(String name, String label, List<String> driver) {
        return new Peer(name, label, driver, Map.of(), Set.of(), 2_000, absent(name));
    }

    private Peer jvm(String name, String label, List<String> flags) {
        List<String> driver = Stream.of(
                        Stream.of(java()),
                        flags.stream(),
                        Stream.of("-cp", System.getProperty("java.class.path"), JvmDriver.class.getName(), name))
                .flatMap(part -> part)
                .toList();
        return new Peer(name, label, driver, Map.of(), Set.of(), 8_000, absent(name));
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The flags of the skiff command; see {@code skiff.jvm.flags} in the parent pom. */
    private static List<String> skiffFlags() {
        return List.of(
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-OmitStackTraceInFastThrow");
    }

    /** GraalWasm is fast only with its compiler in place of the JDK's own, which must be on the module path. */
    private List<String> graalFlags() {
        Path lib = bench.resolve("target/lib");
        try (Stream<Path> jars = Files.list(lib)) {
            String modules = jars.map(Path::toString)
                    .filter(jar -> jar.endsWith(GRAALVM) && !jar.endsWith("/compiler" + GRAALVM))
                    .collect(Collectors.joining(":"));
            return List.of(
                    "-XX:+UnlockExperimentalVMOptions",
                    "-XX:+EnableJVMCI",
                    "--upgrade-module-path=" + lib.resolve("compiler" + GRAALVM),
                    "--module-path=" + modules,
                    "--add-modules=org.graalvm.polyglot",
                    "--enable-native-access=org.graalvm.truffle",
                    "--sun-misc-unsafe-memory-access=allow");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The reason that the installer noted for a peer. */
    private Optional<String> absent(String name) {
        Path note = installed.resolve(name.replace("-checks", "") + ".absent");
        try {
            return Files.exists(note) ? Optional.of(Files.readString(note).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
