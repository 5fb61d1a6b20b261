package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Overlays of many layers. */
class LowerDirectoriesTest {
    @TempDir
    private Path folder;

    @Test
    void layersAreNamedFromTheFolderThatHasThemAll() {
        assertThat(LowerDirectories.of(List.of("index=off", "workdir=/s/1/work", "lowerdir=/s/12/fs:/s/1/fs")))
                .isEqualTo(
                        new LowerDirectories("/s/", List.of("index=off", "workdir=/s/1/work", "lowerdir=12/fs:1/fs")));
        assertThat(LowerDirectories.of(List.of("lowerdir=/a/fs:/b/fs")))
                .isEqualTo(new LowerDirectories("/", List.of("lowerdir=a/fs:b/fs")));
        assertThat(LowerDirectories.of(List.of("size=1"))).isEqualTo(new LowerDirectories("/", List.of("size=1")));
    }

    @Test
    void moreLayersThanHaveRoomInAPageAreMounted() throws IOException {
        Assumptions.assumeTrue(Containerd.canMount(), "only root can mount");
        List<String> layers = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            Path layer = Files.createDirectories(
                    folder.resolve("a-long-name-of-a-layer-" + i).resolve("fs"));
            Files.writeString(layer.resolve("file" + i), "");
            layers.add(layer.toString());
        }
        Path root = Files.createDirectory(folder.resolve("root"));
        String own = Path.of("").toRealPath().toString();

        MountOptions.parse(List.of("lowerdir=" + String.join(":", layers)))
                .mount("overlay", root.toString(), "overlay");

        try (var files = Files.list(root)) {
            assertThat(files).hasSize(120);
        } finally {
            RootMount.unmountAll(root);
        }
        assertThat(Files.readSymbolicLink(Path.of("/proc/self/cwd"))).hasToString(own);
    }
}
