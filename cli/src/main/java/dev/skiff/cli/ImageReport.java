package dev.skiff.cli;

import dev.skiff.cli.Table.Align;
import dev.skiff.oci.Artifact;
import dev.skiff.oci.Descriptor;
import dev.skiff.oci.Document.Manifest;
import dev.skiff.oci.ImageConfig;
import dev.skiff.oci.PlainText;
import dev.skiff.oci.Reference;
import dev.skiff.oci.StoredImage;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What there is to say about an image, as text and as JSON. */
final class ImageReport {
    private ImageReport() {}

    /** What a command says of an image that came into the store. */
    static String line(StoredImage image) {
        return image.reference().familiar() + " is " + image.root().digest() + " (" + image.kind() + ", "
                + Humane.bytes(image.size()) + ")";
    }

    /** What a list of images says of one; names of fields are stable. */
    static Map<String, Object> json(StoredImage image) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("reference", image.reference().toString());
        report.put("digest", image.root().digest().toString());
        report.put("manifest", image.manifest().digest().toString());
        report.put("kind", image.kind());
        report.put("size", image.size());
        report.put("pulled", image.pulled().toString());
        return report;
    }

    /** What a name leads to in a registry. */
    static Map<String, Object> json(Reference reference, Descriptor manifest) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("reference", reference.toString());
        report.put("digest", manifest.digest().toString());
        return report;
    }

    /** All of it. */
    static Map<String, Object> json(StoredImage image, Artifact artifact) {
        Map<String, Object> report = json(image);
        Manifest manifest = artifact.manifest();
        report.put("mediaType", manifest.mediaType());
        report.put("annotations", manifest.annotations());
        report.put("config", json(manifest.config()));
        report.put("layers", manifest.layers().stream().map(ImageReport::json).toList());
        config(artifact).ifPresent(config -> report.put("run", json(config)));
        return report;
    }

    private static Optional<ImageConfig> config(Artifact artifact) {
        return switch (artifact) {
            case Artifact.Wasm wasm -> Optional.of(wasm.config()).filter(c -> c != ImageConfig.EMPTY);
            case Artifact.ContainerImage image -> Optional.of(image.config());
            case Artifact.SpinApplication spin -> Optional.empty();
        };
    }

    private static Map<String, Object> json(ImageConfig config) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("platform", config.platform().toString());
        report.put("entrypoint", config.entrypoint());
        report.put("command", config.command());
        report.put("environment", config.environment());
        config.workingDirectory().ifPresent(directory -> report.put("workingDirectory", directory));
        return report;
    }

    private static Map<String, Object> json(Descriptor descriptor) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("mediaType", descriptor.mediaType());
        report.put("digest", descriptor.digest().toString());
        report.put("size", descriptor.size());
        return report;
    }

    /** Prints all of it with aligned columns. */
    static void print(StoredImage image, Artifact artifact, PrintStream out) {
        out.println(image.reference().familiar());
        printFacts(image, out);
        config(artifact).ifPresent(config -> {
            Table run = new Table(Align.LEFT, Align.LEFT);
            run.row("platform", PlainText.of(config.platform().toString()));
            run.row("runs", PlainText.of(String.join(" ", config.arguments())));
            run.print(out);
        });
        annotations(artifact, out);
        layers(artifact, out);
    }

    /** Prints what a list of images says of one, and more. */
    static void printFacts(StoredImage image, PrintStream out) {
        Table facts = new Table(Align.LEFT, Align.LEFT);
        facts.row("name", image.reference().familiar());
        facts.row("digest", image.root().digest().toString());
        if (!image.root().digest().equals(image.manifest().digest())) {
            facts.row("manifest", image.manifest().digest().toString());
        }
        facts.row("kind", image.kind());
        facts.row("size", Humane.bytes(image.size()) + " (" + Humane.count(image.size()) + " bytes)");
        facts.row("pulled", image.pulled().toString());
        facts.print(out);
    }

    private static void annotations(Artifact artifact, PrintStream out) {
        Map<String, String> annotations = artifact.manifest().annotations();
        if (!annotations.isEmpty()) {
            out.println();
            out.println("annotations (" + annotations.size() + ")");
            Table table = new Table(Align.LEFT, Align.LEFT);
            annotations.forEach((name, value) -> table.row(PlainText.of(name), PlainText.of(value)));
            table.print(out);
        }
    }

    private static void layers(Artifact artifact, PrintStream out) {
        List<Descriptor> layers = artifact.manifest().layers();
        out.println();
        out.println("layers (" + layers.size() + ")");
        Table table = new Table(Align.LEFT, Align.RIGHT, Align.LEFT);
        layers.forEach(layer ->
                table.row(layer.digest().abbreviated(), Humane.bytes(layer.size()), PlainText.of(layer.mediaType())));
        table.print(out);
    }
}
