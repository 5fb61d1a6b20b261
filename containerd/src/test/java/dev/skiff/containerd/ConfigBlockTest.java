package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Lines that come and go without a trace. */
class ConfigBlockTest {
    private static final String LINES = "[a]\n  b = 1\n";

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of(
                        "version = 2",
                        "[grpc]",
                        "  x = \"# skiff: begin\"",
                        "# skiff",
                        "",
                        "\t",
                        "é = 1",
                        "\u2028",
                        "#\u0085",
                        "\r")
                .list()
                .ofMaxSize(8)
                .flatMap(lines -> Arbitraries.of("\n", "\r\n")
                        .flatMap(
                                end -> Arbitraries.of("", end, end + end).map(last -> String.join(end, lines) + last)));
    }

    @Property
    void whatIsAddedAndRemovedLeavesEveryCharacter(@ForAll @From("texts") String text) {
        String with = ConfigBlock.add(text, LINES);

        assertThat(with).startsWith(text).contains(LINES);
        assertThat(ConfigBlock.remove(with, "it")).contains(text);
    }

    @Property
    void aTextWithoutOurLinesStaysAsItIs(@ForAll @From("texts") String text) {
        assertThat(ConfigBlock.remove(text, "it")).contains(text);
    }

    @Property
    void whatOthersAddBehindStays(@ForAll @From("texts") String text) {
        String left = ConfigBlock.remove(ConfigBlock.add(text, LINES) + "[after]\n", "it")
                .orElseThrow();

        assertThat(left).startsWith(text).endsWith("[after]\n");
        assertThat(left.substring(text.length())).isIn("[after]\n", "\n[after]\n");
    }

    @Example
    void aFileThatWasMadeGoesUnlessSomethingElseGotIn() {
        String made = ConfigBlock.made("version = 3\nimports = [\"/etc/containerd/conf.d/*.toml\"]\n", LINES);

        assertThat(ConfigBlock.remove(made, "it")).isEmpty();
        assertThat(ConfigBlock.remove(made + "[grpc]\n", "it")).get().asString().endsWith("toml\"]\n[grpc]\n");
        assertThat(ConfigBlock.remove(ConfigBlock.add("version = 3\n", LINES), "it"))
                .contains("version = 3\n");
    }

    @Example
    void halfABlockIsRefused() {
        String with = ConfigBlock.add("version = 2\n", LINES);
        for (String damaged : new String[] {
            with.replace("# skiff: end\n", ""),
            with.replace("# skiff: begin\n", ""),
            with + with,
            with + "# skiff: end\n"
        }) {
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(() -> ConfigBlock.remove(damaged, "config.toml"))
                    .withMessageContaining("of config.toml are not one pair");
        }
    }

    @Example
    void linesThatWindowsEndedAreFound() {
        String with = ConfigBlock.add("version = 2\n", LINES).replace("\n", "\r\n");

        assertThat(ConfigBlock.remove(with, "it").orElseThrow())
                .doesNotContain("skiff")
                .startsWith("version = 2\r\n");
    }
}
