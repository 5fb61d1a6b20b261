package dev.skiff.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenerTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8080, 127.0.0.1, 8080",
        "tcp://127.0.0.1:80, 127.0.0.1, 80",
        "0.0.0.0:0, 0.0.0.0, 0",
        "[::1]:8080, 0:0:0:0:0:0:0:1, 8080"
    })
    void anAddressAndAPortAreRead(String text, String host, int port) {
        Listener listener = Listener.parse(text);

        assertThat(listener.address().getAddress().getHostAddress()).isEqualTo(host);
        assertThat(listener.address().getPort()).isEqualTo(port);
    }

    @ParameterizedTest
    @CsvSource({
        "8080, an address and a port such as 127.0.0.1:8080",
        ":8080, an address and a port such as 127.0.0.1:8080",
        "::1:80, an address and a port such as 127.0.0.1:8080 or [::1]:8080",
        "udp://1.2.3.4:80, an address and a port such as 127.0.0.1:8080 or [::1]:8080",
        "127.0.0.1:http, a port of 0 to 65535 behind the address",
        "127.0.0.1:65536, a port of 0 to 65535 behind the address",
        "127.0.0.1:-1, a port of 0 to 65535 behind the address",
        "127.0.0.1:+1, a port of 0 to 65535 behind the address",
        "127.0.0.1:, a port of 0 to 65535 behind the address"
    })
    void anythingElseIsRefused(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Listener.parse(text))
                .withMessage(message);
    }

    @Test
    void aNameThatNobodyKnowsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Listener.parse("no-such-host.invalid:80"))
                .withMessage("an address of this machine, and no-such-host.invalid is not known");
    }
}
