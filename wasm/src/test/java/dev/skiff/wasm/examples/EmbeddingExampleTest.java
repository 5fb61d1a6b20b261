package dev.skiff.wasm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * docs/engine.md shows {@link EmbeddingExample} and what it prints. A line {@code <!-- example: NAME -->} stands before each
 * of the page's blocks that show a part of the class, and {@code <!-- file: NAME -->} before one that shows a resource.
 */
class EmbeddingExampleTest {
    private static final Path MODULE = Path.of("").toAbsolutePath();
    private static final Path PAGE = MODULE.getParent().resolve("docs/engine.md");
    private static final Path SOURCE = MODULE.resolve("src/test/java/dev/skiff/wasm/examples/EmbeddingExample.java");
    private static final Path RESOURCES = MODULE.resolve("src/test/resources/dev/skiff/wasm/examples");
    private static final Pattern BLOCK =
            Pattern.compile("(?:<!-- (example|file): ([^>]+) -->\n)?```(\\w+)\n(.*?)```\n", Pattern.DOTALL);

    /** A fenced block of the page, with the mark before it if it has one. */
    private record Block(String mark, String name, String language, String text) {}

    @Test
    void thePageShowsTheExamplesCode() throws IOException {
        Map<String, String> parts = parts();
        List<Block> shown = blocks().stream()
                .filter(block -> block.language().equals("java"))
                .toList();

        assertThat(shown).allSatisfy(block -> assertThat(block.mark()).isEqualTo("example"));
        assertThat(shown).extracting(Block::name).containsExactlyElementsOf(parts.keySet());
        assertThat(shown)
                .allSatisfy(block -> assertThat(block.text()).as(block.name()).isEqualTo(parts.get(block.name())));
    }

    @Test
    void theExamplePrintsWhatThePageShows() throws Throwable {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();

        new EmbeddingExample(new PrintStream(printed, true, StandardCharsets.UTF_8)).run();

        StringBuilder shown = new StringBuilder();
        blocks().stream().filter(block -> block.language().equals("text")).forEach(block -> shown.append(block.text()));
        assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualTo(shown.toString());
    }

    @Test
    void thePageShowsTheGuest() throws IOException {
        List<Block> files =
                blocks().stream().filter(block -> "file".equals(block.mark())).toList();

        assertThat(files)
                .hasSize(1)
                .allSatisfy(
                        block -> assertThat(block.text()).isEqualTo(Files.readString(RESOURCES.resolve(block.name()))));
    }

    private static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(PAGE));
        while (block.find()) {
            blocks.add(new Block(block.group(1), block.group(2), block.group(3), block.group(4)));
        }
        return blocks;
    }

    /** The marked parts of the example, in order, each without the indentation that all its lines have. */
    private static Map<String, String> parts() throws IOException {
        Map<String, String> parts = new LinkedHashMap<>();
        String name = null;
        List<String> part = new ArrayList<>();
        for (String line : Files.readAllLines(SOURCE)) {
            if (line.strip().startsWith("// show: ")) {
                name = line.strip().substring("// show: ".length());
            } else if (line.strip().equals("// end")) {
                parts.put(name, String.join("\n", part).stripIndent() + "\n");
                name = null;
                part.clear();
            } else if (name != null) {
                part.add(line);
            }
        }
        return parts;
    }
}
