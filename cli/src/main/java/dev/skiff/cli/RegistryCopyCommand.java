package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.Descriptor;
import dev.skiff.oci.Reference;
import dev.skiff.oci.Registry;
import java.util.List;

/** {@code skiff registry copy}. */
final class RegistryCopyCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "registry copy",
                "Copies an image from one place to another, without change.",
                "Nothing is kept on this machine. Of an image for several platforms all are copied. Any artifact can be copied,"
                        + " not only WebAssembly.",
                List.of(
                        RegistryArguments.CONNECTION,
                        new OptionGroup("Output", List.of(RegistryArguments.QUIET, RegistryArguments.FORMAT)),
                        OptionGroup.OTHER),
                List.of(
                        new Operand("SRC", "Where it is: REGISTRY/REPOSITORY[:TAG][@DIGEST].", Arity.ONE),
                        new Operand("DST", "Where it is to be.", Arity.ONE)),
                List.of(new Example("skiff registry copy ghcr.io/me/app:v1 registry.local/app:v1", "copies it")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Reference from =
                RegistryArguments.reference(arguments.operands().get(0)).withDefaultTag();
        Reference to = RegistryArguments.reference(arguments.operands().get(1)).withDefaultTag();
        boolean json = RegistryArguments.json(arguments);
        try (Registry registry = RegistryArguments.registry(arguments, console);
                TransferProgress progress = new TransferProgress("copying " + from.familiar(), arguments, console)) {
            Descriptor copied = registry.copy(from, to, progress);
            if (json) {
                console.stdout().println(JsonWriter.write(ImageReport.json(to, copied)));
            } else {
                console.stdout().println(to.familiar() + " is " + copied.digest());
            }
            return 0;
        }
    }
}
