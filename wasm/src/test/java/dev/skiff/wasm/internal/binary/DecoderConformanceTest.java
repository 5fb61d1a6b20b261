package dev.skiff.wasm.internal.binary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.InvalidModuleException;
import dev.skiff.wasm.MalformedModuleException;
import dev.skiff.wasm.UnsupportedFeatureException;
import dev.skiff.wasm.internal.binary.SpecSuite.Binary;
import dev.skiff.wasm.internal.binary.SpecSuite.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The decoder against every binary of the official specification tests; running them is another test's. */
class DecoderConformanceTest {
    /**
     * Binaries whose verdict is not this engine's, and why. The tests of the threads proposal still say that a module
     * has no more than one table and one memory, which the specification since allows.
     */
    private static final Map<String, Set<String>> DEVIATIONS = Map.of(
            "proposals_threads_imports", Set.of("multiple tables", "multiple memories"),
            "proposals_threads_memory", Set.of("multiple memories"));

    @Test
    void everyBinaryIsAcceptedOrRefusedAsTheSpecificationTestsSay() throws IOException {
        List<String> wrong = new ArrayList<>();
        Map<Verdict, Integer> right = new TreeMap<>();
        Map<Feature, Integer> unsupported = new TreeMap<>();
        int deviations = 0;
        int withoutWords = 0;
        List<Binary> binaries = SpecSuite.binaries();
        for (Binary binary : binaries) {
            Verdict verdict;
            String message = "";
            try {
                ModuleDecoder.decode(binary.bytes());
                verdict = Verdict.VALID;
            } catch (MalformedModuleException e) {
                verdict = Verdict.MALFORMED;
                message = e.getMessage();
            } catch (InvalidModuleException e) {
                verdict = Verdict.INVALID;
                message = e.getMessage();
            } catch (UnsupportedFeatureException e) {
                assertThat(e.feature().supported()).as(binary.toString()).isFalse();
                unsupported.merge(e.feature(), 1, Integer::sum);
                continue;
            }
            if (verdict == binary.verdict()) {
                right.merge(verdict, 1, Integer::sum);
                withoutWords += lower(message).contains(lower(binary.text())) ? 0 : 1;
            } else if (DEVIATIONS.getOrDefault(binary.folder(), Set.of()).contains(binary.text())) {
                deviations++;
            } else {
                wrong.add(binary + " is " + binary.verdict() + ", found " + verdict + ": " + message);
            }
        }

        System.out.println("specification tests, decoder: " + binaries.size() + " binaries; as the tests say: " + right
                + ", accepted deviations: " + deviations + ", refused for a feature: " + unsupported
                + ", messages without the tests' words: " + withoutWords);
        assertThat(wrong).isEmpty();
        assertThat(deviations).isEqualTo(8);
        assertThat(right.get(Verdict.VALID)).isGreaterThan(1_800);
        assertThat(right.get(Verdict.INVALID)).isGreaterThan(1_600);
        assertThat(right.get(Verdict.MALFORMED)).isGreaterThan(900);
        assertThat(withoutWords).isLessThan(70);
    }

    @Test
    void trustedDecodingFindsTheSameModule() throws IOException {
        for (Binary binary : SpecSuite.binaries()) {
            if (binary.verdict() == Verdict.VALID) {
                requireSame(binary);
            }
        }
    }

    private static void requireSame(Binary binary) {
        ModuleData validated;
        try {
            validated = ModuleDecoder.decode(binary.bytes());
        } catch (UnsupportedFeatureException _) {
            return;
        }
        ModuleData trusted = ModuleDecoder.decode(binary.bytes(), false);
        assertThat(trusted.functions()).as(binary.toString()).isEqualTo(validated.functions());
        assertThat(trusted.code()).as(binary.toString()).isEqualTo(validated.code());
        assertThat(trusted.sections()).as(binary.toString()).isEqualTo(validated.sections());
        assertThat(validated.features()).as(binary.toString()).containsAll(trusted.features());
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
