package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.host.FileKind;
import dev.skiff.host.WorkloadException;
import dev.skiff.oci.ArtifactContent;
import dev.skiff.oci.ArtifactWriter;
import dev.skiff.oci.Descriptor;
import dev.skiff.oci.OciLayout;
import dev.skiff.oci.Reference;
import dev.skiff.oci.Registry;
import dev.skiff.oci.Store;
import dev.skiff.oci.StoredImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code skiff registry push}. */
final class RegistryPushCommand implements Command {
    private static final Option FORM = Option.choice(
            "--format",
            "FORM",
            "artifact (the default: the CNCF's layout for Wasm), image (a container image that every container runtime can"
                    + " unpack) or wasm-to-oci (what wasm-to-oci and Krustlet read).",
            "artifact",
            "image",
            "wasm-to-oci");
    private static final Option ANNOTATION =
            Option.value("--annotation", "NAME=VALUE", "Says something of it in the manifest. May be repeated.");
    private static final Option SOURCE = Option.value("--source", "URL", "Where its source is.");
    private static final Option VERSION = Option.value("--version", "VERSION", "Which version it is.");
    private static final Option CREATED = Option.value(
            "--created",
            "TIME",
            "When it was made, such as 2026-11-21T12:00:00Z. By default what $SOURCE_DATE_EPOCH says, or else 1970, so that the"
                    + " same file always gets the same digest.");
    private static final Option JSON = Option.flag("Prints the result as JSON.", "--json");

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "registry push",
                "Puts a program into a registry.",
                "What the program says of itself in its custom sections (version, source, authors, ...) goes into the manifest"
                        + " too, with what it imports and exports.",
                List.of(
                        new OptionGroup("What is put there", List.of(FORM, ANNOTATION, SOURCE, VERSION, CREATED)),
                        RegistryArguments.CONNECTION,
                        new OptionGroup("Output", List.of(RegistryArguments.QUIET, JSON)),
                        OptionGroup.OTHER),
                List.of(
                        new Operand(
                                "FILE",
                                "The program: a .wasm file, or .wat text; or a directory or .tar with an OCI layout.",
                                Arity.ONE),
                        new Operand("REF", "Where it is to be: REGISTRY/REPOSITORY[:TAG].", Arity.ONE)),
                List.of(
                        new Example("skiff registry push app.wasm ghcr.io/me/app:v1", "puts it there"),
                        new Example(
                                "skiff registry push --format image app.wasm ghcr.io/me/app:v1",
                                "as a container image")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        String file = arguments.operands().get(0);
        Reference reference =
                RegistryArguments.reference(arguments.operands().get(1)).withDefaultTag();
        if (isLayout(Path.of(file))) {
            checkAsItIs(file, arguments);
            return pushLayout(Path.of(file), reference, arguments, console);
        }
        return push(content(file, arguments, console), reference, arguments, console);
    }

    private static boolean isLayout(Path path) {
        return Files.isDirectory(path) || path.toString().endsWith(".tar");
    }

    /** What is said of a module cannot be said of a layout, whose manifest is there already. */
    private static void checkAsItIs(String file, Arguments arguments) {
        for (Option option : List.of(FORM, ANNOTATION, SOURCE, VERSION, CREATED)) {
            if (arguments.has(option)) {
                throw new UsageException(option.name() + " is for a .wasm file, and " + file
                        + " is an OCI layout, which is pushed as it is");
            }
        }
        if (!Files.exists(Path.of(file))) {
            throw new CommandException(1, "there is no file " + file);
        }
    }

    /** Pushes the one image of a layout, by way of a store that is there for that only. */
    private static int pushLayout(Path path, Reference reference, Arguments arguments, Console console) {
        if (Files.exists(path.resolve("spin.toml")) && !Files.exists(path.resolve("oci-layout"))) {
            throw new CommandException(
                    1, path + " is a Spin application, and Skiff does not push those yet; spin registry push does");
        }
        Path temporary = Scratchpad.make();
        try {
            Store store = Store.at(temporary);
            List<StoredImage> images = new OciLayout(store).load(path, Optional.of(reference));
            if (images.isEmpty()) {
                throw new CommandException(1, path + " has no image to push");
            }
            return push(store.content(images.getFirst()), reference, arguments, console);
        } finally {
            Scratchpad.remove(temporary);
        }
    }

    private static int push(ArtifactContent content, Reference reference, Arguments arguments, Console console) {
        Descriptor pushed;
        try (Registry registry = RegistryArguments.registry(arguments, console);
                TransferProgress progress =
                        new TransferProgress("pushing " + reference.familiar(), arguments, console)) {
            pushed = registry.push(content, reference, progress);
        }
        if (arguments.has(JSON)) {
            console.stdout().println(JsonWriter.write(ImageReport.json(reference, pushed)));
        } else {
            console.stdout().println(reference.familiar() + " is " + pushed.digest());
        }
        return 0;
    }

    private static ArtifactContent content(String file, Arguments arguments, Console console) {
        byte[] binary;
        try {
            binary = Sources.of(file, console).read();
        } catch (WorkloadException e) {
            throw new CommandException(1, "cannot push " + file + ": " + e.getMessage(), e);
        }
        FileKind kind = FileKind.of(binary);
        if (kind != FileKind.MODULE && kind != FileKind.COMPONENT) {
            throw new CommandException(1, "cannot push " + file + ": it is no WebAssembly, but " + kind.text());
        }
        Map<String, String> annotations = new LinkedHashMap<>();
        arguments.value(SOURCE).ifPresent(value -> annotations.put("org.opencontainers.image.source", value));
        arguments.value(VERSION).ifPresent(value -> annotations.put("org.opencontainers.image.version", value));
        annotations.putAll(Values.pairs(ANNOTATION, arguments.values(ANNOTATION)));
        String name = Path.of(file).getFileName().toString().replaceFirst("\\.wat$", ".wasm");
        ArtifactWriter writer = new ArtifactWriter(name, binary, created(arguments, console), annotations);
        String form = arguments.value(FORM).orElse("artifact");
        return switch (form) {
            case "artifact" -> writer.artifact();
            case "image" -> writer.image();
            case "wasm-to-oci" -> writer.wasmToOci();
            default -> throw Values.wrong(FORM, form, "artifact, image or wasm-to-oci");
        };
    }

    private static Instant created(Arguments arguments, Console console) {
        Optional<String> given = arguments.value(CREATED);
        try {
            if (given.isPresent()) {
                return Instant.parse(given.get());
            }
        } catch (DateTimeException e) {
            throw Values.wrong(CREATED, given.get(), "a time such as 2026-11-21T12:00:00Z");
        }
        String epoch = console.variable("SOURCE_DATE_EPOCH").orElse("0");
        try {
            return Instant.ofEpochSecond(Long.parseLong(epoch));
        } catch (NumberFormatException | DateTimeException e) {
            throw new UsageException("SOURCE_DATE_EPOCH is a number of seconds since 1970, not " + epoch);
        }
    }
}
