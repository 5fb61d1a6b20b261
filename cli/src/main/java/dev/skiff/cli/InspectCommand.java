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

/** {@code skiff inspect}: what a module is made of, needs and offers. */
final class InspectCommand implements Command {
    private static final Option FORMAT =
            Option.choice("--format", "FORMAT", "text (the default) or json.", "text", "json");

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "inspect",
                "Shows what a module needs, offers and is made of.",
                "Nothing of the module runs.",
                List.of(new OptionGroup("Output", List.of(FORMAT)), OptionGroup.OTHER),
                List.of(new Operand("FILE", "The module: a .wasm file, or .wat text.", Arity.ONE)),
                List.of(
                        new Example("skiff inspect app.wasm", "a table to read"),
                        new Example("skiff inspect --format json app.wasm", "the same for programs")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        String file = arguments.operands().getFirst();
        String format = arguments.value(FORMAT).orElse("text");
        if (!format.equals("text") && !format.equals("json")) {
            throw Values.wrong(FORMAT, format, "text or json");
        }
        try (Engine engine = Engine.create()) {
            Module module = ModuleLoader.load(engine, Sources.of(file, console));
            if (format.equals("json")) {
                console.stdout().println(JsonWriter.write(ModuleReport.json(file, module)));
            } else {
                ModuleReport.print(file, module, console.stdout());
            }
            return 0;
        } catch (WorkloadException e) {
            throw new CommandException(e.status().code(), "cannot inspect " + file + ": " + e.getMessage(), e);
        }
    }
}
