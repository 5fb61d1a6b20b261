package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Optional;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
    private static final String HEX = "0123456789abcdef".repeat(4);
    private static final String DIGEST = "sha256:" + HEX;

    /** The grammar of the distribution project, written down once more as one expression. */
    private static final String LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";

    private static final String HOST = "(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[a-fA-F0-9:]{2,}\\])(?::[0-9]+)?";
    private static final String PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    private static final Pattern GRAMMAR = Pattern.compile("(?:(?<host>" + HOST + ")/)?(?<path>" + PART + "(?:/" + PART
            + ")*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[a-f0-9]{64}))?");

    @ParameterizedTest
    @CsvSource({
        "alpine, docker.io/library/alpine, alpine",
        "alpine:3, docker.io/library/alpine:3, alpine:3",
        "docker.io/alpine, docker.io/library/alpine, alpine",
        "index.docker.io/library/alpine, docker.io/library/alpine, alpine",
        "some/app, docker.io/some/app, some/app",
        "localhost/app, localhost/app, localhost/app",
        "localhost:5000, docker.io/library/localhost:5000, localhost:5000",
        "localhost:5000/app:v1, localhost:5000/app:v1, localhost:5000/app:v1",
        "Registry/app, Registry/app, Registry/app",
        "ghcr.io/a/b__c/d--e.f:V_1.0-x, ghcr.io/a/b__c/d--e.f:V_1.0-x, ghcr.io/a/b__c/d--e.f:V_1.0-x",
        "[::1]:5000/app, [::1]:5000/app, [::1]:5000/app",
        "docker.io/ghcr.io/app, docker.io/ghcr.io/app, docker.io/ghcr.io/app",
        "docker.io/localhost/app, docker.io/localhost/app, docker.io/localhost/app"
    })
    void dockersDefaultsApply(String text, String whole, String familiar) {
        assertThat(Reference.parse(text)).hasToString(whole);
        assertThat(Reference.parse(text).familiar()).isEqualTo(familiar);
    }

    @Test
    void tagAndDigestCanStandTogether() {
        Reference reference = Reference.parse("app:v1@" + DIGEST);

        assertThat(reference.tag()).contains("v1");
        assertThat(reference.digest()).contains(Digest.parse(DIGEST));
        assertThat(reference.target()).isEqualTo(DIGEST);
        assertThat(reference.withDefaultTag()).isEqualTo(reference);
        assertThat(Reference.parse("app").withDefaultTag().tag()).contains("latest");
        assertThat(Reference.parse("app@" + DIGEST).withDefaultTag().tag()).isEmpty();
        assertThat(reference.withTag("v2").digest()).isEmpty();
    }

    @Test
    void sixtyFourDigitsAreNoNameUnlessMoreIsSaid() {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> Reference.parse(HEX))
                .withMessageContaining("name@sha256:");
        assertThat(Reference.parse("docker.io/" + HEX).familiar()).isEqualTo("docker.io/library/" + HEX);
        assertThat(Reference.parse(HEX + "@" + DIGEST).repository()).isEqualTo("library/" + HEX);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|0|it is empty",
                "/app|0|in a repository / has a letter or digit on both sides",
                "ghcr.io/|8|it has no repository",
                "@x|1|x is no digest",
                "app@sha256:12|4|64 digits",
                "app@md5:12|4|md5",
                "app:|4|the tag is empty",
                "app:-x|4|but not -",
                "app:x y|5|but not a space",
                "app:ü|4|but not U+00FC",
                "App|0|lower-case",
                "a..b|1|on both sides",
                "a___b|1|on both sides",
                "app-|3|here the repository ends",
                "a//b|1|on both sides",
                "ghcr.io/a b|9|a space",
                "-x.io/app|0|host",
                "x-.io/app|2|host",
                "x.io-/app|4|ends with a letter or digit",
                "x..io/app|2|host",
                "x_y.io/app|1|but not _ here",
                "x.io:/app|5|a port is a number",
                "x.io:1a/app|6|is no digit",
                "x.io:65536/app|5|from 0 to 65535",
                "[::1/app|4|lacks its ]",
                "[::g]/app|3|hexadecimal",
                "[::1]x/app|5|only a port"
            })
    void whatIsWrongIsPointedAt(String text, int column, String reason) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> Reference.parse(text))
                .withMessageContaining(reason)
                .satisfies(e -> {
                    String[] lines = e.getMessage().split("\n", -1);
                    assertThat(lines[0]).startsWith("this is no reference: ");
                    assertThat(lines[1]).hasSameSizeAs(text);
                    assertThat(lines[2]).isEqualTo(" ".repeat(column) + "^");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\tb", "a\nb", "a\u0007b", "\u00e4b", "a\u202eb"})
    void whatWouldSpoilTheLinesOfAMessageIsNotShown(String text) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> Reference.parse("x.io/" + text))
                .satisfies(e -> assertThat(e.getMessage().split("\n", -1))
                        .hasSize(3)
                        .satisfies(lines -> assertThat(lines[1]).matches("[ -~]*")));
    }

    @Test
    void lengthsAreLimited() {
        String tag = "t".repeat(128);
        String path = "p".repeat(255);
        assertThat(Reference.parse("x.io/" + path + ":" + tag).repository()).isEqualTo(path);
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> Reference.parse("x.io/" + path + "p:" + tag))
                .withMessageContaining("more than 255");
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> Reference.parse("x.io/p:" + tag + "t"))
                .withMessageContaining("more than 128")
                .withMessageEndingWith("\n" + " ".repeat(7 + 128) + "^");
        assertThatExceptionOfType(OciException.class).isThrownBy(() -> Reference.parse("a/".repeat(100_000)));
    }

    @Property
    void validOnesAreReadBackEqual(@ForAll("valid") String text) {
        Reference reference = Reference.parse(text);

        assertThat(Reference.parse(reference.toString())).isEqualTo(reference);
        assertThat(Reference.parse(reference.familiar())).isEqualTo(reference);
    }

    @Property(tries = 4000)
    void theParserAgreesWithTheGrammar(@ForAll("nearlyValid") String text) {
        Optional<Reference> parsed = parse(text);

        var grammar = GRAMMAR.matcher(text);
        boolean valid = grammar.matches()
                && isPort(grammar.group("host"))
                && grammar.group("path").length() < 240;
        assertThat(parsed.isPresent()).as(text).isEqualTo(valid && !text.matches("[a-f0-9]{64}"));
        if (parsed.isPresent()) {
            assertThat(parsed.get().tag()).isEqualTo(Optional.ofNullable(grammar.group("tag")));
            assertThat(parsed.get().digest().map(Digest::toString))
                    .isEqualTo(Optional.ofNullable(grammar.group("digest")));
        }
    }

    @Property
    void nothingButOciExceptionsComesOut(@ForAll String text) {
        parse(text);
    }

    private static boolean isPort(String host) {
        String port = host == null ? "" : host.replaceFirst("^(?:\\[.*\\]|[^:]*):?", "");
        return port.isEmpty() || port.length() <= 5 && Integer.parseInt(port) <= 65_535;
    }

    private static Optional<Reference> parse(String text) {
        try {
            return Optional.of(Reference.parse(text));
        } catch (OciException e) {
            return Optional.empty();
        }
    }

    @Provide
    Arbitrary<String> valid() {
        Arbitrary<String> host = Arbitraries.of(
                "",
                "",
                "docker.io/",
                "index.docker.io/",
                "localhost/",
                "ghcr.io/",
                "x:1/",
                "[::1]/",
                "UPPER/",
                "a-b.c/");
        Arbitrary<String> part =
                Arbitraries.of("a", "0", "library", "localhost", "b.c", "d_e", "f__g", "h---i", HEX, "docker.io");
        Arbitrary<String> path = part.list().ofMinSize(1).ofMaxSize(3).map(parts -> String.join("/", parts));
        Arbitrary<String> end = Arbitraries.of("", ":v1", ":_", "@" + DIGEST, ":T.-_@" + DIGEST);
        return host.flatMap(h -> path.flatMap(p -> end.map(e -> h + p + e)))
                .filter(text -> GRAMMAR.matcher(text).matches() && !text.equals(HEX));
    }

    @Provide
    Arbitrary<String> nearlyValid() {
        Arbitrary<String> piece = Arbitraries.of(
                "a",
                "b1",
                "Z",
                ".",
                "..",
                "-",
                "--",
                "_",
                "__",
                "___",
                "/",
                "//",
                ":",
                "@",
                "5000",
                "99999",
                "localhost",
                "ghcr.io",
                "[::1]",
                "[",
                "]",
                ":5000/",
                DIGEST,
                "@" + DIGEST,
                ":v1",
                " ",
                HEX);
        return Arbitraries.oneOf(
                piece.list().ofMaxSize(8).map(parts -> String.join("", parts)),
                Arbitraries.strings().withChars("ab0A.-_/:@[] ").ofMaxLength(14));
    }
}
