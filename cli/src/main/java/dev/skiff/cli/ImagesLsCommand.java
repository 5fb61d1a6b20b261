package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.cli.Table.Align;
import dev.skiff.oci.StoredImage;
import java.util.List;

/** {@code skiff images ls}. */
final class ImagesLsCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "images ls",
                "Lists the images of this machine.",
                "",
                List.of(
                        new OptionGroup("Output", List.of(RegistryArguments.STORE, RegistryArguments.FORMAT)),
                        OptionGroup.OTHER),
                List.of(),
                List.of(new Example("skiff images ls --format json", "the same for programs")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        List<StoredImage> images = RegistryArguments.store(arguments, console).images();
        if (RegistryArguments.json(arguments)) {
            console.stdout()
                    .println(JsonWriter.write(
                            images.stream().map(ImageReport::json).toList()));
            return 0;
        }
        Table table = new Table(Align.LEFT, Align.LEFT, Align.LEFT, Align.RIGHT, Align.LEFT);
        table.row("image", "digest", "kind", "size", "pulled");
        for (StoredImage image : images) {
            table.row(
                    image.reference().familiar(),
                    image.root().digest().abbreviated(),
                    image.kind(),
                    Humane.bytes(image.size()),
                    image.pulled().toString());
        }
        table.print(console.stdout());
        return 0;
    }
}
