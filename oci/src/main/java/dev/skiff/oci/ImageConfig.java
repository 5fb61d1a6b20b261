package dev.skiff.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an image says about how it wants to be run (OCI image specification, "Image Configuration"). A stranger's words: nothing of it
 * is done unasked.
 *
 * @param platform what the image is for
 * @param entrypoint the program and its first arguments
 * @param command what follows, unless the user says something else
 * @param environment variables, as {@code NAME=value}
 * @param workingDirectory where the program starts
 * @param labels what else is said of it
 * @param diffIds digests of the unpacked layers, in order
 */
public record ImageConfig(
        Platform platform,
        List<String> entrypoint,
        List<String> command,
        List<String> environment,
        Optional<String> workingDirectory,
        Map<String, String> labels,
        List<Digest> diffIds) {
    /** Larger ones are refused unread: 4 MiB. */
    public static final int MAX_BYTES = 4 << 20;

    /** One that says nothing. */
    public static final ImageConfig EMPTY = new ImageConfig(
            new Platform("unknown", "unknown", Optional.empty()),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            Map.of(),
            List.of());

    /** Copies the lists. */
    public ImageConfig {
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        environment = List.copyOf(environment);
        labels = Map.copyOf(labels);
        diffIds = List.copyOf(diffIds);
    }

    static ImageConfig parse(byte[] text, String what) {
        JsonObject json = Json.object(text, what);
        JsonObject config = json.object("config").orElse(new JsonObject(Map.of(), what));
        List<Digest> diffIds = json.object("rootfs").map(rootfs -> rootfs.texts("diff_ids")).orElse(List.of()).stream()
                .map(Digest::parse)
                .toList();
        return new ImageConfig(
                Platform.of(json),
                config.texts("Entrypoint"),
                config.texts("Cmd"),
                config.texts("Env"),
                config.text("WorkingDir").filter(directory -> !directory.isEmpty()),
                config.textMap("Labels"),
                diffIds);
    }

    /** The program and all its arguments. */
    public List<String> arguments() {
        List<String> all = new ArrayList<>(entrypoint);
        all.addAll(command);
        return all;
    }
}
