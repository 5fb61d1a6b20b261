package dev.skiff.oci;

import java.util.List;
import java.util.Map;

/** Archives as {@code docker save} wrote them before version 25. */
final class DockerArchives {
    /** What the images run. */
    static final byte[] MODULE = Modules.withPadding(300);

    /** A layer with the module. */
    static final byte[] LAYER =
            new Tar().entry("app.wasm", '0', 0755, "", MODULE).bytes();

    private DockerArchives() {}

    /** A configuration that runs the module and knows these layers. */
    static byte[] config(byte[]... layers) {
        List<String> diffIds = java.util.Arrays.stream(layers)
                .map(layer -> Digest.ofBytes(layer).toString())
                .toList();
        return Json.write(Map.of(
                "architecture", "amd64",
                "os", "linux",
                "docker_version", "20.10.24",
                "config", Map.of("Entrypoint", List.of("/app.wasm"), "Image", ""),
                "rootfs", Map.of("type", "layers", "diff_ids", diffIds)));
    }

    /** What the list says of an image. */
    static Object image(String config, List<String> names, String... layers) {
        return Map.of("Config", config, "RepoTags", names, "Layers", List.of(layers));
    }

    /** Adds the list to an archive. */
    static Tar list(Tar tar, Object... images) {
        return add(tar, "manifest.json", Json.write(List.of(images)));
    }

    /** Adds a file to an archive. */
    static Tar add(Tar tar, String name, byte[] content) {
        return tar.entry(name, '0', 0644, "", content);
    }

    /** An archive of one image whose second layer is a link to the first. */
    static byte[] usual() {
        Tar tar = new Tar().dir("one").file("one/VERSION", "1.0").file("one/json", "{}");
        add(tar, "one/layer.tar", LAYER);
        tar.dir("two").symlink("two/layer.tar", "../one/layer.tar");
        add(tar, "config.json", config(LAYER, LAYER));
        return list(tar, image("config.json", List.of("app:v1"), "one/layer.tar", "two/layer.tar"))
                .file("repositories", "{}")
                .bytes();
    }
}
