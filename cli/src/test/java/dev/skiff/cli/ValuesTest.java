package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    private static final Option OPTION = Option.value("--option", "X", "");

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "65536, 65536",
        "64MiB, 67108864",
        "64Mi, 67108864",
        "64m, 67108864",
        "1.5GiB, 1610612736",
        "10KB, 10000",
        "1 MiB, 1048576",
        "1TiB, 1099511627776"
    })
    void sizesHaveUnits(String text, long bytes) {
        assertThat(Values.bytes(OPTION, text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MiB", "-1", "64MB!", "2TiB", "1.2.3K", "64 apples"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatThrownBy(() -> Values.bytes(OPTION, text))
                .isInstanceOf(UsageException.class)
                .hasMessage("--option takes a size such as 64MiB or 1GiB, up to 1TiB, not '" + text + "'");
    }

    @ParameterizedTest
    @CsvSource({"500ms, 500", "5s, 5000", "1.5s, 1500", "2m, 120000", "1h, 3600000"})
    void timesHaveUnits(String text, long millis) {
        assertThat(Values.duration(OPTION, text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "0s", "-1s", "5 days", "99999999999h"})
    void whatIsNoTimeIsRefused(String text) {
        assertThatThrownBy(() -> Values.duration(OPTION, text))
                .isInstanceOf(UsageException.class)
                .hasMessage("--option takes a time such as 500ms, 5s or 2m, not '" + text + "'");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1_000, 1000", "9223372036854775807, 9223372036854775807"})
    void countsAreWholeNumbers(String text, long count) {
        assertThat(Values.count(OPTION, text)).isEqualTo(count);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5", "9223372036854775808", "many"})
    void whatIsNoCountIsRefused(String text) {
        assertThatThrownBy(() -> Values.count(OPTION, text))
                .hasMessage("--option takes a whole number such as 1000000, not '" + text + "'");
    }

    @ParameterizedTest
    @CsvSource({"0.5, 0.5", "1, 1", ".25, 0.25"})
    void sharesAreUpToOne(String text, double share) {
        assertThat(Values.share(OPTION, text)).isEqualTo(share);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1.5", "-0.5", "50%", ""})
    void whatIsNoShareIsRefused(String text) {
        assertThatThrownBy(() -> Values.share(OPTION, text))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--option takes a share of one processor");
    }
}
