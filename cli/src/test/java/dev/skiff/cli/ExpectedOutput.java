package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Output as a page shows it: {@code ...} in a line stands for any text, alone on a line for any number of lines. */
record ExpectedOutput(List<String> lines) {
    private static final String ANY = "...";

    /** Fails, showing both, unless the printed lines are as expected. */
    void check(List<? extends String> printed) {
        assertThat(matches(printed))
                .as("%nexpected:%n%s%nprinted:%n%s", String.join("\n", lines), String.join("\n", printed))
                .isTrue();
    }

    boolean matches(List<? extends String> printed) {
        String pattern = lines.stream().map(ExpectedOutput::pattern).collect(Collectors.joining());
        return Pattern.matches(
                pattern, printed.stream().map(line -> line + "\n").collect(Collectors.joining()));
    }

    private static String pattern(String line) {
        if (line.strip().equals(ANY)) {
            return "(?:.*\n)*?";
        }
        return Arrays.stream(line.split(Pattern.quote(ANY), -1))
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*")) + "\n";
    }
}
