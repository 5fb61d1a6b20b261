package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Random layers mean what {@link FlatModel} says they mean. */
class ImageTreeModelTest {
    @Tag("slow")
    @Property(tries = 2_000)
    void randomLayersGiveTheTreeOfTheModel(@ForAll long seed) throws IOException {
        compare(RandomImage.valid(seed));
    }

    @Tag("slow")
    @Property(tries = 1_000)
    void randomLayersBreakTheRulesOfTheModel(@ForAll long seed) throws IOException {
        compare(RandomImage.of(seed));
    }

    private static void compare(List<List<RandomImage.Op>> layers) throws IOException {
        Path scratch = Files.createTempDirectory("layers");
        try {
            FlatModel model = new FlatModel();
            boolean valid = true;
            for (int i = 0; i < layers.size() && valid; i++) {
                valid = applies(model, layers.get(i));
            }
            if (valid) {
                assertThat(Trees.unpack(scratch, RandomImage.tars(layers)))
                        .as(layers::toString)
                        .isEqualTo(model.describe());
            } else {
                assertThatExceptionOfType(OciException.class)
                        .as(layers::toString)
                        .isThrownBy(() -> Trees.unpack(scratch, RandomImage.tars(layers)))
                        .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.INVALID));
            }
        } finally {
            DirectoryDeletion.delete(scratch);
        }
    }

    private static boolean applies(FlatModel model, List<RandomImage.Op> layer) {
        try {
            model.apply(layer);
            return true;
        } catch (FlatModel.Broken e) {
            return false;
        }
    }
}
