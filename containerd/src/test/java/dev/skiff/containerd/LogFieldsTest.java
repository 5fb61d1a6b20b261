package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Metrics.Kind;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What stands in the log, whoever chose it. */
class LogFieldsTest {
    private static final TaskKey KEY = new TaskKey("k8s.io", "0123abcd");

    @Test
    void aTaskOfAPodHasItsNames() {
        TaskName name = TaskName.of(
                KEY,
                Map.of(
                        "io.kubernetes.cri.sandbox-namespace", "shop",
                        "io.kubernetes.cri.sandbox-name", "cart-1",
                        "io.kubernetes.cri.container-name", "app"));

        assertThat(name.fields().text())
                .isEqualTo(" namespace=\"k8s.io\" id=\"0123abcd\" pod=\"shop/cart-1\" container=\"app\"");
        assertThat(TaskName.of(KEY, Map.of()).fields().text()).isEqualTo(" namespace=\"k8s.io\" id=\"0123abcd\"");
        assertThat(Kind.POD.word()).isEqualTo("pod");
    }

    @Test
    void whatLooksLikeAnotherFieldOrLineIsEscaped() {
        assertThat(LogFields.NONE
                        .with("reason", "a\" level=\"info\n\u001b[2J\u202e\\")
                        .text())
                .isEqualTo(" reason=\"a\\\" level=\\\"info\\n\\u001b[2J\\u202e\\\\\"");
    }

    @Test
    void aLongValueIsCut() {
        assertThat(LogFields.NONE.with("reason", "x".repeat(100_000)).text())
                .isEqualTo(" reason=\"" + "x".repeat(300) + "...\"");
    }

    @Property
    void anyTextIsOneValueOnOneLine(@ForAll String text) {
        String quoted = LogFields.quoted(text, 50);

        assertThat(quoted).matches("\"([^\"\\\\\\p{Cntrl}\u2028\u2029]|\\\\[\"\\\\nt]|\\\\u[0-9a-f]{4})*\"");
        assertThat(quoted.length()).isLessThanOrEqualTo(50 * 6 + 5);
    }
}
