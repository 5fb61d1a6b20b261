package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.containerd.Installation;
import java.util.List;
import java.util.stream.Collectors;

/** {@code skiff containerd runtimeclass}. */
final class ContainerdRuntimeClassCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "containerd runtimeclass",
                "Prints the RuntimeClasses with which pods of Kubernetes ask for the runtime.",
                "It is YAML for kubectl, to be applied once for a cluster whose nodes have the runtime.",
                List.of(ContainerdArguments.RUNTIME, OptionGroup.OTHER),
                List.of(),
                List.of(new Example(
                        "skiff containerd runtimeclass | kubectl apply -f -",
                        "makes the classes skiff and skiff-isolated")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        try {
            console.stdout()
                    .print(ContainerdArguments.launchers(arguments).stream()
                            .map(Installation::runtimeClass)
                            .collect(Collectors.joining("---\n")));
            return 0;
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }
}
