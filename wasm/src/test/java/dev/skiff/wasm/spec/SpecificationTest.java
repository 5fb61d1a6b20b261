package dev.skiff.wasm.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.Feature;
import dev.skiff.wasm.MemoryVariant;
import dev.skiff.wasm.ModuleException;
import dev.skiff.wasm.Suites;
import dev.skiff.wasm.UnsupportedFeatureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The specification's test suite: every command of every script passes, with each kind of memory, or is out of scope for a
 * reason that {@link SpecScope} lists.
 */
class SpecificationTest {
    private static final Duration HANG = Duration.ofMinutes(2);
    private static final SpecScope SCOPE = SpecScope.read();
    private static final Map<MemoryVariant, SpecSummary> SUMMARIES = new EnumMap<>(MemoryVariant.class);

    @TestFactory
    Stream<DynamicNode> everyCommandInScopePasses() {
        List<Path> scripts = suite().stream()
                .filter(script -> !SCOPE.scripts().containsKey(name(script)))
                .toList();
        return Arrays.stream(MemoryVariant.values()).map(variant -> {
            Engine engine = Engine.builder().memoryKind(variant.kind()).build();
            SpecSummary summary = new SpecSummary(variant);
            SUMMARIES.put(variant, summary);
            return dynamicContainer(
                    variant.toString(),
                    scripts.stream()
                            .map(script -> dynamicTest(name(script), () -> check(engine, variant, script, summary))));
        });
    }

    @TestFactory
    Stream<DynamicNode> everyScriptOutOfScopeNeedsTheFeatureThatItIsListedUnder() {
        suite();
        Engine engine = Engine.create();
        return SCOPE.scripts().entrySet().stream()
                .map(entry -> dynamicTest(entry.getKey(), () -> {
                    Path script = directory().resolve(entry.getKey());
                    assertThat(entry.getValue().supported())
                            .as("%s is supported", entry.getValue())
                            .isFalse();
                    assertThat(featuresMissingFor(engine, script))
                            .as("features that %s needs", entry.getKey())
                            .contains(entry.getValue());
                }));
    }

    @Test
    void theListsNameOnlyScriptsOfTheSuite() {
        Set<String> listed = new TreeSet<>(SCOPE.scripts().keySet());
        listed.addAll(SCOPE.commands().keySet());
        assertThat(suite().stream().map(SpecificationTest::name)).containsAll(listed);
    }

    @AfterAll
    static void summarise() throws IOException {
        for (Map.Entry<MemoryVariant, SpecSummary> entry : SUMMARIES.entrySet()) {
            System.out.println(entry.getValue());
            Path table =
                    Path.of("target", "commands-out-of-scope-" + entry.getKey().name() + ".txt");
            Files.writeString(table, entry.getValue().table());
        }
        if (!SUMMARIES.isEmpty()) {
            Map<Feature, List<Integer>> notRun = SCOPE.scripts().entrySet().stream()
                    .collect(Collectors.groupingBy(
                            Map.Entry::getValue,
                            () -> new EnumMap<>(Feature.class),
                            Collectors.mapping(
                                    entry -> SpecScript.count(directory().resolve(entry.getKey())),
                                    Collectors.toList())));
            System.out.println(SpecSummary.notRun(notRun));
        }
    }

    private static void check(Engine engine, MemoryVariant variant, Path script, SpecSummary summary) {
        SpecResult result = assertTimeoutPreemptively(
                HANG, () -> SpecRunner.run(engine, variant, SpecScript.read(script)), name(script));
        summary.add(result);
        assertThat(result.failures())
                .as("failing commands of %s", result.name())
                .isEmpty();
        assertThat(result.outOfScope())
                .as("commands of %s out of scope, by feature", result.name())
                .isEqualTo(SCOPE.commandsOf(result.name()));
    }

    private static Set<Feature> featuresMissingFor(Engine engine, Path script) throws IOException {
        Set<Feature> missing = EnumSet.noneOf(Feature.class);
        List<Path> files;
        try (Stream<Path> listing = Files.list(script)) {
            files = new ArrayList<>(listing.toList());
        }
        files.removeIf(file -> !file.toString().endsWith(".wasm"));
        for (Path file : files) {
            try {
                engine.compile(Files.readAllBytes(file));
            } catch (UnsupportedFeatureException e) {
                missing.add(e.feature());
            } catch (ModuleException e) {
                assertThat(e.offset()).isNotNegative();
            }
        }
        return missing;
    }

    private static List<Path> suite() {
        return SpecScript.list(directory());
    }

    private static Path directory() {
        return Suites.unzipped("wasm-spec-3.0");
    }

    private static String name(Path script) {
        return script.getFileName().toString();
    }
}
