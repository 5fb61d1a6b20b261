package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.Artifact;
import dev.skiff.oci.Reference;
import dev.skiff.oci.Store;
import dev.skiff.oci.StoredImage;
import java.util.List;

/** {@code skiff images inspect}. */
final class ImagesInspectCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "images inspect",
                "Shows what an image of this machine consists of.",
                "skiff inspect REF shows its module.",
                List.of(
                        new OptionGroup("Output", List.of(RegistryArguments.STORE, RegistryArguments.FORMAT)),
                        OptionGroup.OTHER),
                List.of(new Operand("REF", "The image, as skiff images ls names it.", Arity.ONE)),
                List.of(new Example("skiff images inspect ghcr.io/me/app:v1", "a table to read")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        boolean json = RegistryArguments.json(arguments);
        Store store = RegistryArguments.store(arguments, console);
        StoredImage image = find(arguments.operands().getFirst(), store);
        Artifact artifact = store.artifact(image);
        if (json) {
            console.stdout().println(JsonWriter.write(ImageReport.json(image, artifact)));
        } else {
            ImageReport.print(image, artifact, console.stdout());
        }
        return 0;
    }

    /** The image of a name. */
    static StoredImage find(String text, Store store) {
        Reference reference = RegistryArguments.reference(text).withDefaultTag();
        return store.find(reference)
                .orElseThrow(
                        () -> new CommandException(
                                1,
                                "there is no image " + reference.familiar()
                                        + " on this machine; skiff images ls lists what there is, and skiff registry pull gets it"));
    }
}
