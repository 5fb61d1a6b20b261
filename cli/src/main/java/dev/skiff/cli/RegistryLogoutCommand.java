package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.CredentialFiles;
import dev.skiff.oci.DockerConfig;
import java.util.List;

/** {@code skiff registry logout}. */
final class RegistryLogoutCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "registry logout",
                "Forgets the credentials for a registry.",
                "",
                List.of(OptionGroup.OTHER),
                List.of(new Operand(
                        "REGISTRY", "The registry's host and port; by default Docker Hub.", Arity.OPTIONAL)),
                List.of(new Example("skiff registry logout ghcr.io", "logs out")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        String registry = RegistryLoginCommand.registry(arguments);
        boolean found = false;
        for (DockerConfig config : CredentialFiles.of(console.environment()).all()) {
            if (config.erase(registry)) {
                found = true;
                console.stdout().println("logged out of " + registry + ", in " + config.file());
            }
        }
        if (!found) {
            console.stdout().println("there are no credentials for " + registry);
        }
        return 0;
    }
}
