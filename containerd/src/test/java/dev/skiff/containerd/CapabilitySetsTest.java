package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonParser;
import dev.skiff.linux.Capability;
import dev.skiff.linux.FileUser;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which capabilities a process has. All was seen of a static program that runc 1.1 runs. */
class CapabilitySetsTest {
    private static Set<Capability> named(String letters) {
        return letters.chars()
                .mapToObj(letter -> letter == 'D' ? Capability.CAP_DAC_OVERRIDE : Capability.CAP_CHOWN)
                .collect(Collectors.toSet());
    }

    private static String array(String letters) {
        return named(letters).stream().map(each -> '"' + each.name() + '"').collect(Collectors.joining(",", "[", "]"));
    }

    private static FileUser user(String process) {
        return ProcessSpec.parse(JsonParser.parseString("{\"args\":[\"a\"]," + process + "}")
                        .getAsJsonObject())
                .user();
    }

    /** D and C are capabilities. */
    @ParameterizedTest
    @CsvSource({
        "0, false, '', '', '', '', ''",
        "0, false, D, '', D, '', D",
        "0, false, DC, '', D, '', DC",
        "0, true, DC, '', D, '', D",
        "0, true, D, '', DC, '', D",
        "0, false, D, '', DC, '', D",
        "0, true, DC, DC, DC, D, DC",
        "1000, false, DC, '', DC, '', ''",
        "1000, false, DC, DC, DC, '', ''",
        "1000, false, DC, DC, DC, D, D",
        "1000, true, DC, DC, DC, D, D",
        "1000, false, DC, '', DC, D, ''",
        "1000, false, C, C, DC, D, ''"
    })
    void whatAProgramHasIsWhatExecutingItLeaves(
            long uid,
            boolean noNewPrivileges,
            String bounding,
            String inheritable,
            String permitted,
            String ambient,
            String expected) {
        FileUser user = user("""
                "user": {"uid": %d}, "noNewPrivileges": %s,
                "capabilities": {"bounding": %s, "inheritable": %s, "permitted": %s, "effective": %s, "ambient": %s}
                """.formatted(
                        uid,
                        noNewPrivileges,
                        array(bounding),
                        array(inheritable),
                        array(permitted),
                        array(permitted),
                        array(ambient)));

        assertThat(user.capabilities()).isEqualTo(named(expected));
    }

    @Test
    void whoSaysNothingHasNone() {
        assertThat(user("\"user\": {}").capabilities()).isEmpty();
        assertThat(user("\"capabilities\": null").capabilities()).isEmpty();
        assertThat(user("\"capabilities\": {\"permitted\": [\"CAP_CHOWN\"]}").capabilities())
                .isEmpty();
    }

    @Test
    void namesThatAreNotKnownMeanNothing() {
        assertThat(user("\"capabilities\": {\"bounding\": [\"CAP_NEW\", \"CHOWN\", \"cap_kill\", \"CAP_FOWNER\"]}")
                        .capabilities())
                .containsExactly(Capability.CAP_FOWNER);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> user("\"capabilities\": {\"bounding\": \"CAP_CHOWN\"}"));
    }
}
