package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JVM's cache, made by a real one. */
class StartCacheTest {
    private static final List<String> JAVA =
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC");

    @TempDir
    private Path folder;

    private Path jar;
    private Path cache;

    /** A program that ends at once. */
    static final class Ends {
        private Ends() {}

        public static void main(String[] args) {
            System.out.println("it ended");
        }
    }

    @BeforeEach
    void pack() throws IOException {
        jar = folder.resolve("program.jar");
        cache = folder.resolve("skiff.aot");
        String file = Ends.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                InputStream in =
                        Objects.requireNonNull(Ends.class.getClassLoader().getResourceAsStream(file))) {
            out.putNextEntry(new JarEntry(file));
            in.transferTo(out);
        }
    }

    private String run(String... flags) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(JAVA));
        builder.command().addAll(List.of(flags));
        builder.command().addAll(List.of("-cp", jar.toString(), Ends.class.getName()));
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    @Tag("slow")
    void aCacheIsMadeThatTheJvmTakes() throws IOException, InterruptedException {
        assertThat(StartCache.make(JAVA, jar, Ends.class.getName(), cache)).isTrue();

        assertThat(folder).isDirectoryContaining("glob:**/skiff.aot").isDirectoryNotContaining("glob:**/skiff.aot.*");
        assertThat(run("-XX:AOTCache=" + cache, "-XX:AOTMode=on", "-Xlog:class+load"))
                .contains("it ended")
                .containsPattern("StartCacheTest\\$Ends source: shared objects file");
    }

    @Test
    @Tag("slow")
    void aRunThatFailsLeavesNoCacheAndSaysWhy() throws IOException {
        Files.writeString(cache, "one of another program");

        assertThat(StartCache.make(JAVA, jar, "not.There", cache)).isFalse();

        assertThat(cache).doesNotExist();
        assertThat(StartCache.log(cache)).content().contains("not.There");
    }
}
