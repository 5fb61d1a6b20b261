package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.testing.TestRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The commands that README.md and the pages in docs/ show do what these say: see {@link DocumentedCommand}. */
@Tag("slow")
class DocumentationTest {
    private static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

    private static TestRegistry registry;

    @BeforeAll
    static void startRegistry() {
        registry = TestRegistry.start();
    }

    @AfterAll
    static void stopRegistry() {
        registry.close();
    }

    @TestFactory
    Stream<DynamicTest> commandsPrintWhatTheDocumentationShows(@TempDir Path directory) throws IOException {
        // The registry of the documentation is at a port that may be taken here.
        Path elsewhere = Files.writeString(directory.resolve("registries.conf"), """
                [[registry]]
                prefix = "localhost:5000"
                location = "%s"
                """.formatted(registry.address()));
        Scratch scratch = Scratch.of(CHECKOUT, directory).with("CONTAINERS_REGISTRIES_CONF", elsewhere.toString());
        return pages().flatMap(page -> DocumentedCommand.in(read(page)).stream()
                .map(command -> DynamicTest.dynamicTest(
                        CHECKOUT.relativize(page) + ":" + command.line(), () -> run(command, scratch))));
    }

    private static void run(DocumentedCommand command, Scratch scratch) throws IOException, InterruptedException {
        Path output = Files.createTempFile(scratch.directory(), "output", ".txt");
        Process process = scratch.bash(command.script())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();

        List<String> printed = Files.readAllLines(output);
        assertThat(ended).as("ends within 60 s, having printed %s", printed).isTrue();
        assertThat(process.exitValue())
                .as("exit status, having printed %s", printed)
                .isEqualTo(command.exitStatus());
        command.output().ifPresent(expected -> assertThat(printed).satisfies(expected::check));
    }

    private static Stream<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(CHECKOUT.resolve("docs"))) {
            List<Path> pages = docs.filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .toList();
            return Stream.concat(Stream.of(CHECKOUT.resolve("README.md")), pages.stream());
        }
    }

    private static List<String> read(Path page) {
        try {
            return Files.readAllLines(page, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot read " + page, e);
        }
    }
}
