package dev.skiff.oci;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** The forms in which Skiff publishes programs, all made of one module. */
enum Published {
    ARTIFACT("wasm"),
    WASM_TO_OCI("wasm"),
    IMAGE("image"),
    SPIN("spin");

    static final byte[] MODULE = Modules.withPadding(700);

    /** What Skiff calls it in its store. */
    final String kind;

    Published(String kind) {
        this.kind = kind;
    }

    /**
     * All of it.
     *
     * @param directory where files are made that it is made of
     */
    ArtifactContent content(Path directory) throws IOException {
        ArtifactWriter writer = new ArtifactWriter("app.wasm", MODULE, Instant.EPOCH, Map.of());
        return switch (this) {
            case ARTIFACT -> writer.artifact();
            case WASM_TO_OCI -> writer.wasmToOci();
            case IMAGE -> writer.image();
            case SPIN -> {
                Path module = Files.write(directory.resolve("spin.wasm"), MODULE);
                String locked = """
                        {"spin_lock_version": 0, "metadata": {"name": "shop"}, "triggers": [],
                         "components": [{"id": "web", "source": {"content_type": "application/wasm", "source": "%s"}}]}
                        """.formatted(module.toUri());
                byte[] text = locked.getBytes(StandardCharsets.UTF_8);
                yield new SpinArtifactWriter(text, Instant.EPOCH, Map.of()).artifact();
            }
        };
    }
}
