package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.OciLayout;
import dev.skiff.oci.Reference;
import dev.skiff.oci.Registry;
import dev.skiff.oci.Store;
import dev.skiff.oci.StoredImage;
import dev.skiff.oci.TransferListener;
import dev.skiff.oci.TrustCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code skiff load}. */
final class LoadCommand implements Command {
    private static final Option NAME = Option.value(
            "--name", "REF", "Calls the image so, whatever it is called in the file, which has no other then.");

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "load",
                "Reads images from a file that skiff save or another tool wrote.",
                "The file is a tar archive of an OCI layout, or one that docker save wrote, gzipped or not; a directory with an"
                        + " OCI layout does as well. Signatures in it are kept with their images. A policy decides by these and"
                        + " by those that are here; only where they are not enough is the registry asked.",
                List.of(
                        new OptionGroup(
                                "Images",
                                List.of(
                                        NAME,
                                        RegistryArguments.POLICY,
                                        RegistryArguments.STORE,
                                        RegistryArguments.FORMAT)),
                        RegistryArguments.CONNECTION,
                        OptionGroup.OTHER),
                List.of(new Operand(
                        "FILE", "The archive or directory; - or nothing for standard input.", Arity.OPTIONAL)),
                List.of(new Example("skiff load app.tar", "reads all images of a file")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        boolean json = RegistryArguments.json(arguments);
        Store store = RegistryArguments.store(arguments, console);
        TrustCheck check = RegistryArguments.trust(arguments, console);
        OciLayout layout = new OciLayout(store, image -> accepted(image, store, check, arguments, console));
        Optional<Reference> name =
                arguments.value(NAME).map(RegistryArguments::reference).map(Reference::withDefaultTag);
        String file =
                arguments.operands().isEmpty() ? "-" : arguments.operands().getFirst();
        if (!file.equals("-") && !Files.exists(Path.of(file))) {
            throw new CommandException(1, "there is no file " + file);
        }
        List<StoredImage> images = file.equals("-")
                ? layout.loadTar(console.stdin(), "standard input", name)
                : layout.load(Path.of(file), name);
        if (json) {
            console.stdout()
                    .println(JsonWriter.write(
                            images.stream().map(ImageReport::json).toList()));
        } else {
            images.forEach(image -> console.stdout().println(ImageReport.line(image)));
        }
        return 0;
    }

    private static StoredImage accepted(
            StoredImage image, Store store, TrustCheck check, Arguments arguments, Console console) {
        if (check.covers(image)) {
            return image;
        }
        try (Registry registry = RegistryArguments.registry(arguments, console)) {
            return registry.accept(image, store, check, TransferListener.NONE);
        }
    }
}
