package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.OciException;
import dev.skiff.oci.OciLayout;
import dev.skiff.oci.Registry;
import dev.skiff.oci.Store;
import dev.skiff.oci.StoredImage;
import dev.skiff.oci.TransferListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code skiff save}. */
final class SaveCommand implements Command {
    private static final Option OUTPUT = Option.path(
                    "--output",
                    "FILE|DIR",
                    "Writes to FILE, or to the directory DIR if it is one or ends with /. By default to standard output.")
            .or("-o");
    private static final Option SIGNATURES = Option.flag(
            "Also asks the images' registries for all that signs them, and writes that too. Without it, only signatures that"
                    + " are here already are written.",
            "--signatures");

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "save",
                "Writes images to a file, for sites without a network.",
                "The file is a tar archive of an OCI layout, which skopeo, Podman and containerd read too.",
                List.of(
                        new OptionGroup("Output", List.of(OUTPUT, SIGNATURES, RegistryArguments.STORE)),
                        RegistryArguments.CONNECTION,
                        OptionGroup.OTHER),
                List.of(new Operand("REF", "The images, as skiff images ls names them.", Arity.ONE_OR_MORE)),
                List.of(
                        new Example("skiff save -o app.tar ghcr.io/me/app:v1", "writes one"),
                        new Example(
                                "skiff save --signatures -o app.tar ghcr.io/me/app:v1",
                                "and what a policy asks for where it is loaded")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Store store = RegistryArguments.store(arguments, console);
        List<StoredImage> images = arguments.operands().stream()
                .map(text -> ImagesInspectCommand.find(text, store))
                .toList();
        if (arguments.has(SIGNATURES)) {
            getSignatures(images, store, arguments, console);
        }
        String target = arguments.value(OUTPUT).orElse("-");
        Path path = Path.of(target);
        OciLayout layout = new OciLayout(store);
        try {
            if (target.equals("-")) {
                layout.saveTar(images, console.stdout());
                if (console.stdout().checkError()) {
                    throw new IOException("it takes no more");
                }
            } else if (target.endsWith("/") || Files.isDirectory(path)) {
                layout.saveDirectory(images, path);
            } else {
                OutputFile.write(path, out -> layout.saveTar(images, out));
            }
        } catch (IOException e) {
            throw new CommandException(
                    1,
                    "cannot write " + (target.equals("-") ? "standard output" : target) + ": " + FileProblem.of(e),
                    e);
        }
        return 0;
    }

    /** Gets them into the store, from which they are saved with their images. */
    private static void getSignatures(List<StoredImage> images, Store store, Arguments arguments, Console console) {
        try (Registry registry = RegistryArguments.registry(arguments, console)) {
            for (StoredImage image : images) {
                getSignatures(image, registry, store, console);
            }
        }
    }

    private static void getSignatures(StoredImage image, Registry registry, Store store, Console console) {
        String what = image.reference().familiar();
        try {
            if (registry.getSignatures(image, store, TransferListener.NONE) == 0) {
                console.stderr().println("skiff: the registry has no signatures of " + what);
            }
        } catch (OciException e) {
            throw new CommandException(
                    1, "cannot get the signatures of " + what + ": " + e.getMessage() + "; nothing was saved", e);
        }
    }
}
