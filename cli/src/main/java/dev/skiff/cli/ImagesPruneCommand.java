package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.Collector;
import dev.skiff.oci.Store;
import java.util.List;

/** {@code skiff images prune}. */
final class ImagesPruneCommand implements Command {
    private static final Option ALL =
            Option.flag("Also removes every image that no running program uses.", "-a", "--all");

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "images prune",
                "Removes what no image of this machine needs, such as downloads that broke off.",
                "",
                List.of(new OptionGroup("What is removed", List.of(ALL, RegistryArguments.STORE)), OptionGroup.OTHER),
                List.of(),
                List.of(new Example("skiff images prune --all", "empties the store")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Store store = RegistryArguments.store(arguments, console);
        Collector.Removed removed = arguments.has(ALL) ? Collector.pruneAll(store) : Collector.prune(store);
        console.stdout()
                .println("removed " + Humane.count(removed.files(), "file") + ", which frees "
                        + Humane.bytes(removed.bytes()));
        return 0;
    }
}
