package dev.skiff.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What strangers write as JSON: configurations, manifests, indexes. */
class JsonTest {
    private static final String DIGEST = Digest.ofBytes(new byte[0]).toString();
    private static final String DESCRIPTOR = "{\"mediaType\":\"x\",\"digest\":\"" + DIGEST + "\",\"size\":0}";

    private static void assertRefused(String text, String reason) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> Document.parse(text.getBytes(UTF_8), Optional.empty(), "the manifest"))
                .withMessageStartingWith("the manifest")
                .withMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~~|ends too early",
                "[]|no JSON object",
                "{|no JSON text",
                "{} {}|no JSON text (line 1, column 5)",
                "{\"a\":1,\"a\":2}|the name a stands twice",
                "{\"config\":{}}|has no digest",
                "{\"config\":3}|not an object",
                "{\"mediaType\":3}|not a string",
                "{\"manifests\":[3]}|array of objects",
                "{\"config\":{\"digest\":\"../../etc\",\"size\":1}}|the manifest",
                "{\"config\":{\"digest\":\"sha256:abc\",\"size\":1}}|the manifest",
                "{}|of no media type"
            })
    void whatIsWrongIsSaid(String text, String reason) {
        assertRefused(text, reason);
    }

    @Test
    void deepNestingIsRefused() {
        assertRefused("{\"a\":" + "[".repeat(200_000), "nested more than 100 deep");
    }

    @Test
    void whatIsAnIndexAndAManifestAtOnceIsRefused() {
        String manifests = "\"manifests\":[" + DESCRIPTOR + "]";
        String config = "\"config\":" + DESCRIPTOR;
        String layers = "\"layers\":[" + DESCRIPTOR + "]";
        assertRefused("{" + manifests + "," + config + "}", "must not have config");
        assertRefused("{" + manifests + "," + layers + "}", "must not have layers");
        assertRefused(
                "{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\"," + manifests + "," + config + "," + layers + "}",
                "must not have manifests");
        assertThat(Document.parse(
                        ("{" + config + "," + layers + ",\"manifests\":null}").getBytes(UTF_8),
                        Optional.of(MediaTypes.OCI_MANIFEST),
                        "x"))
                .isInstanceOf(Document.Manifest.class);
    }

    @Test
    void aManifestMustBeWhatIsSaidOfIt() {
        String index = "{\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":[]}";
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() ->
                        Document.parse(index.getBytes(UTF_8), Optional.of(MediaTypes.OCI_MANIFEST), "the manifest"))
                .withMessageContaining("is said to be")
                .withMessageContaining("calls itself");
    }

    @Test
    void schema1IsNamed() {
        assertRefused("{\"schemaVersion\":1,\"fsLayers\":[]}", "schema 1");
    }

    @Test
    void negativeAndHugeSizesAreRefused() {
        assertRefused("{\"config\":{\"digest\":\"" + DIGEST + "\",\"size\":-1}}", "negative size");
        assertRefused("{\"config\":{\"digest\":\"" + DIGEST + "\",\"size\":1e3}}", "not a whole number");
        assertRefused(
                "{\"config\":{\"digest\":\"" + DIGEST + "\",\"size\":99999999999999999999}}", "not a whole number");
    }

    @Test
    void otherEncodingsAreRefused() {
        for (byte[] text : new byte[][] {
            "{\"config\":{}}".getBytes(StandardCharsets.UTF_16BE),
            {0, 0, 0, '{', 0x7f, 0, 0, 0},
            {'{', '"', (byte) 0xff, '"'}
        }) {
            assertThatExceptionOfType(OciException.class)
                    .isThrownBy(() -> Json.object(text, "it"))
                    .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.INVALID));
        }
    }

    @Property(tries = 2000)
    void nothingButOciExceptionsComesOut(@ForAll byte[] bytes) {
        try {
            Document.parse(bytes, Optional.empty(), "it");
        } catch (OciException e) {
            assertThat(e.getMessage()).startsWith("it");
        }
    }
}
