package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.Collector;
import dev.skiff.oci.OciException;
import dev.skiff.oci.Reference;
import dev.skiff.oci.Store;
import java.util.List;

/** {@code skiff images rm}. */
final class ImagesRmCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "images rm",
                "Removes images of this machine.",
                "What other images need stays, and so do images that a running program uses.",
                List.of(new OptionGroup("Store", List.of(RegistryArguments.STORE)), OptionGroup.OTHER),
                List.of(new Operand("REF", "The images, as skiff images ls names them.", Arity.ONE_OR_MORE)),
                List.of(new Example("skiff images rm ghcr.io/me/app:v1", "removes one")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Store store = RegistryArguments.store(arguments, console);
        int status = 0;
        for (String text : arguments.operands()) {
            try {
                Reference reference = RegistryArguments.reference(text).withDefaultTag();
                Collector.Removed removed = Collector.remove(store, reference);
                console.stdout()
                        .println(reference.familiar() + " is removed, which frees " + Humane.bytes(removed.bytes()));
            } catch (OciException e) {
                console.problem(e.getMessage());
                status = 1;
            }
        }
        return status;
    }
}
