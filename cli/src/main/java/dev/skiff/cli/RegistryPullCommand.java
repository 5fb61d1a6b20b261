package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.Artifact;
import dev.skiff.oci.Reference;
import dev.skiff.oci.Registry;
import dev.skiff.oci.Store;
import dev.skiff.oci.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code skiff registry pull}. */
final class RegistryPullCommand implements Command {
    private static final Option OUTPUT =
            Option.path("--output", "FILE", "Also writes the module to FILE.").or("-o");

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "registry pull",
                "Gets a program from a registry, to run it later without one.",
                "Every form is understood in which WebAssembly is published: artifacts of the CNCF's layout, of wasm-to-oci and"
                        + " Krustlet, images of runwasi, Spin applications, and container images whose entrypoint is a .wasm file.",
                List.of(
                        new OptionGroup(
                                "What is got", List.of(RegistryArguments.PLATFORM, RegistryArguments.POLICY, OUTPUT)),
                        RegistryArguments.CONNECTION,
                        new OptionGroup(
                                "Output",
                                List.of(RegistryArguments.STORE, RegistryArguments.QUIET, RegistryArguments.FORMAT)),
                        OptionGroup.OTHER),
                List.of(new Operand("REF", "Where it is: REGISTRY/REPOSITORY[:TAG][@DIGEST].", Arity.ONE)),
                List.of(
                        new Example("skiff registry pull ghcr.io/me/app:v1", "gets it"),
                        new Example("skiff registry pull -o app.wasm ghcr.io/me/app:v1", "and writes its module")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Reference reference = RegistryArguments.reference(arguments.operands().getFirst());
        boolean json = RegistryArguments.json(arguments);
        Store store = RegistryArguments.store(arguments, console);
        StoredImage image = pull(reference, store, arguments, console);
        Optional<String> output = arguments.value(OUTPUT);
        if (output.isPresent()) {
            write(image, store, Path.of(output.get()));
        }
        if (json) {
            console.stdout().println(JsonWriter.write(ImageReport.json(image)));
        } else {
            console.stdout().println(ImageReport.line(image));
        }
        return 0;
    }

    /** Gets an image, with its progress on stderr. */
    static StoredImage pull(Reference reference, Store store, Arguments arguments, Console console) {
        String what = "pulling " + reference.withDefaultTag().familiar();
        try (Registry registry = RegistryArguments.registry(arguments, console);
                TransferProgress progress = new TransferProgress(what, arguments, console)) {
            return registry.pull(
                    reference,
                    store,
                    RegistryArguments.platform(arguments),
                    RegistryArguments.trust(arguments, console),
                    progress);
        }
    }

    private static void write(StoredImage image, Store store, Path file) {
        String what = image.reference().familiar();
        if (!(store.artifact(image) instanceof Artifact.Wasm wasm)) {
            throw new CommandException(
                    1, what + " has no single module to write to " + file + ": its kind is " + image.kind());
        }
        byte[] module = store.read(wasm.module(), 1L << 30, "the module of " + what);
        try {
            OutputFile.write(file, out -> out.write(module));
        } catch (IOException e) {
            throw new CommandException(1, "cannot write " + file + ": " + FileProblem.of(e), e);
        }
    }
}
