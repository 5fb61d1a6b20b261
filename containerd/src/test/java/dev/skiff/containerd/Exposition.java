package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A strict reader of the text format of Prometheus, version 0.0.4: each family has its help and type before its samples, which stand
 * together; no sample is there twice; histograms are complete and their classes cumulative.
 */
final class Exposition {
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\"\\\\n])*\"";
    private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) (" + NAME + ") (.+)");
    private static final Pattern SAMPLE =
            Pattern.compile("(" + NAME + ")((?:\\{" + LABEL + "(?:," + LABEL + ")*,?})?) (\\S+)");
    private static final Set<String> TYPES = Set.of("counter", "gauge", "histogram", "summary", "untyped");

    private final Map<String, String> types = new HashMap<>();
    private final Map<String, Double> samples = new LinkedHashMap<>();

    private Exposition() {}

    /** Reads a text, which must be right. */
    static Exposition parse(String text) {
        assertThat(text).endsWith("\n");
        Exposition page = new Exposition();
        Set<String> helps = new HashSet<>();
        Set<String> closed = new HashSet<>();
        String family = "";
        for (String line : text.split("\n")) {
            Matcher comment = COMMENT.matcher(line);
            if (comment.matches()) {
                String name = comment.group(2);
                if (!name.equals(family)) {
                    closed.add(family);
                    family = name;
                }
                assertThat(closed).as(line).doesNotContain(name);
                if (comment.group(1).equals("HELP")) {
                    assertThat(helps.add(name)).as(line).isTrue();
                } else {
                    assertThat(TYPES).contains(comment.group(3));
                    assertThat(page.types.put(name, comment.group(3))).as(line).isNull();
                }
            } else {
                Matcher sample = SAMPLE.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                assertThat(family(sample.group(1), page.types)).as(line).isEqualTo(family);
                Double before = page.samples.put(sample.group(1) + sample.group(2), number(sample.group(3)));
                assertThat(before).as(line).isNull();
            }
        }
        assertThat(page.types.keySet()).isEqualTo(helps);
        page.checkHistograms();
        return page;
    }

    private static String family(String sample, Map<String, String> types) {
        String base = sample.replaceFirst("_(bucket|sum|count)$", "");
        return "histogram".equals(types.get(base)) ? base : sample;
    }

    private static double number(String text) {
        return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    }

    private void checkHistograms() {
        Map<String, Double> last = new HashMap<>();
        samples.forEach((name, value) -> {
            if (name.contains("_bucket{")) {
                String series = name.replaceFirst(",?le=\"[^\"]*\"", "");
                assertThat(value).as(name).isGreaterThanOrEqualTo(last.getOrDefault(series, 0.0));
                last.put(series, value);
            }
        });
        last.forEach((series, value) -> {
            assertThat(samples.get(series.replace("_bucket{", "_count{"))).isEqualTo(value);
            assertThat(samples).containsKey(series.replace("_bucket{", "_sum{"));
        });
    }

    /** The value of a sample, with its labels as they are written; it must be there. */
    double value(String sample) {
        assertThat(samples).containsKey(sample);
        return samples.get(sample);
    }

    /** By how much samples are more than they were; those that are the same are left out. */
    Map<String, Double> since(Exposition before) {
        Map<String, Double> more = new HashMap<>();
        samples.forEach((name, value) -> {
            double difference = value - before.samples.getOrDefault(name, 0.0);
            if (difference != 0) {
                more.put(name, difference);
            }
        });
        return more;
    }

    /** All samples by their names with labels. */
    Map<String, Double> samples() {
        return samples;
    }

    /** The types of families. */
    Map<String, String> types() {
        return types;
    }
}
