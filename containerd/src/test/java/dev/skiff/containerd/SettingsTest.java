package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.host.Listener;
import dev.skiff.wasm.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What annotations say. */
class SettingsTest {
    private static Settings of(String name, String value) {
        return Settings.of(Map.of(name, value));
    }

    @Test
    void withoutAnnotationsNothingIsSaid() {
        Settings settings = Settings.of(Map.of("io.kubernetes.cri.sandbox-id", "1", "example.com/listen", "80"));

        assertThat(settings.listeners()).isEmpty();
        assertThat(settings.applyTo(Limits.DEFAULT)).isEqualTo(Limits.DEFAULT);
    }

    @Test
    void socketsAreReadInTheirOrder() {
        assertThat(of("skiff.dev/listen", "8080, 127.0.0.1:9090 ,[::1]:0").listeners())
                .extracting(Listener::toString)
                .containsExactly("0.0.0.0:8080", "127.0.0.1:9090", "[0:0:0:0:0:0:0:1]:0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http", "localhost:80", "65536", "80,", "1.2.3.4", "999.1.1.1:80", "[::1]", "-1"})
    void whatIsNoSocketIsRefused(String value) {
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> of("skiff.dev/listen", value).listeners())
                .withMessageStartingWith("the annotation skiff.dev/listen must ");
    }

    @Test
    void aContainersOwnCountsMore() {
        Map<String, String> annotations = Map.of(
                "io.kubernetes.cri.container-name", "web", "skiff.dev/listen", "80", "skiff.dev/listen.web", "81");

        assertThat(Settings.of(annotations).listeners())
                .extracting(Listener::toString)
                .containsExactly("0.0.0.0:81");
        assertThat(Settings.of(Map.of("skiff.dev/listen.other", "80")).listeners())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"90s, 90000", "1m30s, 90000", "250ms, 250", "1.5s, 1500", "2H, 7200000"})
    void timesAreRead(String text, long millis) {
        assertThat(of("skiff.dev/timeout", text).applyTo(Limits.DEFAULT).timeout())
                .contains(Duration.ofMillis(millis));
    }

    @Test
    void fuelIsRead() {
        assertThat(of("skiff.dev/fuel", "1000000").applyTo(Limits.DEFAULT).fuel())
                .hasValue(1_000_000);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "500k, 500000", "10Mi, 10485760", "2G, 2000000000"})
    void ratesAreRead(String text, long perSecond) {
        assertThat(of("skiff.dev/io-bytes-per-second", text)
                        .applyTo(Limits.DEFAULT)
                        .ioBytesPerSecond())
                .hasValue(perSecond);
        assertThat(of("skiff.dev/io-operations-per-second", text)
                        .applyTo(Limits.DEFAULT)
                        .ioOperationsPerSecond())
                .hasValue(perSecond);
    }

    @ParameterizedTest
    @ValueSource(strings = {"io-bytes-per-second", "io-operations-per-second"})
    void whatIsNoRateIsRefused(String name) {
        for (String value :
                List.of("", "0", "-1", "1.5", "much", "10MB", "10m", "99999999999999999G", "1234567890123456789")) {
            assertThatExceptionOfType(RpcException.class)
                    .as(value)
                    .isThrownBy(() -> of("skiff.dev/" + name, value).applyTo(Limits.DEFAULT))
                    .withMessageContaining("skiff.dev/" + name + " must be a number");
        }
    }

    @ParameterizedTest
    @CsvSource({"fuel, 0", "fuel, -1", "fuel, much", "timeout, 0s", "timeout, 5", "timeout, soon", "timeout, 1d"})
    void whatIsNoLimitIsRefused(String name, String value) {
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> of("skiff.dev/" + name, value).applyTo(Limits.DEFAULT))
                .withMessageContaining("skiff.dev/" + name + " must be a ");
    }

    @Test
    void whatIsNotKnownIsRefused() {
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> of("skiff.dev/lisen", "80"))
                .withMessage(
                        "the annotation skiff.dev/lisen is not known; there are fuel, io-bytes-per-second, io-operations-per-second, listen, timeout");
    }
}
