package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.host.ModuleLoader;
import dev.skiff.host.WorkloadException;
import dev.skiff.wasm.Engine;
import dev.skiff.wasm.Module;
import java.util.List;
import java.util.Map;

/** {@code skiff inspect}: what a module is made of, needs and offers. */
final class InspectCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "inspect",
                "Shows what a module needs, offers and is made of.",
                "Nothing of the module runs.",
                List.of(
                        new OptionGroup("Output", List.of(RegistryArguments.FORMAT)),
                        Programs.IMAGES,
                        OptionGroup.OTHER),
                List.of(new Operand(
                        "FILE",
                        "The module: a .wasm file, .wat text, or an image such as ghcr.io/me/app:v1.",
                        Arity.ONE)),
                List.of(
                        new Example("skiff inspect app.wasm", "a table to read"),
                        new Example("skiff inspect --format json app.wasm", "the same for programs")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        String file = arguments.operands().getFirst();
        boolean json = RegistryArguments.json(arguments);
        try (Programs.Program program = Programs.find(file, arguments, console);
                Engine engine = Engine.create()) {
            Module module = ModuleLoader.load(engine, program.source());
            if (json) {
                Map<String, Object> report = ModuleReport.json(file, module);
                program.stored().ifPresent(image -> report.put("image", ImageReport.json(image)));
                console.stdout().println(JsonWriter.write(report));
            } else {
                ModuleReport.print(file, module, console.stdout());
                program.stored().ifPresent(image -> {
                    console.stdout().println();
                    console.stdout().println("image");
                    ImageReport.printFacts(image, console.stdout());
                });
            }
            return 0;
        } catch (WorkloadException e) {
            throw new CommandException(e.status().code(), "cannot inspect " + file + ": " + e.getMessage(), e);
        }
    }
}
