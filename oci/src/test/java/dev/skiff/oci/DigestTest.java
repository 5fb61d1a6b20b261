package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DigestTest {
    private static final String EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @Test
    void isTheHashOfTheBytes() {
        assertThat(Digest.ofBytes(new byte[0])).hasToString(EMPTY);
        assertThat(Digest.ofBytes("x".getBytes(StandardCharsets.UTF_8))).isNotEqualTo(Digest.parse(EMPTY));
    }

    @Test
    void readsWhatItWrites() {
        assertThat(Digest.parse(EMPTY)).hasToString(EMPTY);
        String longer = "sha512:" + "0123456789abcdef".repeat(8);
        assertThat(Digest.parse(longer)).hasToString(longer);
    }

    @Test
    void saysWhatIsWrong() {
        assertRefused("abc", "abc is no digest");
        assertRefused("md5:abc", "md5");
        assertRefused("sha256:abc", "64 digits");
        assertRefused(EMPTY.toUpperCase(java.util.Locale.ROOT).replace("SHA256", "sha256"), "64 digits");
    }

    private static void assertRefused(String text, String reason) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> Digest.parse(text))
                .withMessageContaining(reason);
    }
}
