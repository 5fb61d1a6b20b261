package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.host.ModuleLoader;
import dev.skiff.host.WorkloadException;
import dev.skiff.oci.PlainText;
import dev.skiff.wasm.Engine;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Module;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code skiff compile}: translates modules ahead of time. */
final class CompileCommand implements Command {
    private static final Option METERED =
            Option.flag("Translates also the code that counts fuel, which skiff run --fuel uses.", "--metered");
    private static final Limits COUNTED = Limits.DEFAULT.withFuel(0);

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "compile",
                "Translates modules now, so that they start without delay later.",
                "The translated code is kept in a cache on disk, where skiff run finds it.",
                List.of(
                        new OptionGroup("Engine", List.of(METERED, EngineOptions.MEMORY, CacheLocation.CACHE_DIR)),
                        Programs.IMAGES,
                        OptionGroup.OTHER),
                List.of(new Operand("FILE", "The modules: .wasm files, .wat text, or images.", Arity.ONE_OR_MORE)),
                List.of(new Example("skiff compile app.wasm", "fills the cache for app.wasm")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Path cache = CacheLocation.of(arguments, console)
                .orElseThrow(
                        () -> new UsageException(
                                "skiff compile has no place to keep code: neither --cache-dir, SKIFF_CACHE nor HOME says where"));
        int status = 0;
        try (Engine engine = EngineOptions.engine(arguments, Optional.of(cache))) {
            for (String file : arguments.operands()) {
                status = Math.max(status, compile(engine, file, arguments, console));
            }
        }
        console.note(arguments, "the code is kept in " + cache);
        return status;
    }

    private static int compile(Engine engine, String file, Arguments arguments, Console console) {
        try (Programs.Program program = Programs.find(file, arguments, console)) {
            Module module = ModuleLoader.load(engine, program.source());
            long start = System.nanoTime();
            boolean translated = Progress.during(
                    () -> fillCache(engine, module, arguments.has(METERED)),
                    "compiling " + file + " (" + size(module) + ")",
                    console);
            String done = translated ? "compiled in " + Humane.time(System.nanoTime() - start) : "already in the cache";
            console.stdout().println(file + ": " + size(module) + ", " + done);
            return 0;
        } catch (WorkloadException e) {
            console.stderr().println("skiff: cannot compile " + file + ": " + PlainText.lines(e.getMessage()));
            return e.status().code();
        } catch (UncheckedIOException e) {
            console.stderr().println("skiff: cannot keep the code of " + file + ": " + FileProblem.of(e.getCause()));
            return 126;
        }
    }

    /** Whether anything had to be translated. */
    private static boolean fillCache(Engine engine, Module module, boolean metered) {
        boolean translated = engine.fillCodeCache(module);
        return metered && engine.fillCodeCache(module, COUNTED) || translated;
    }

    private static String size(Module module) {
        return Humane.bytes(module.size()) + ", " + Humane.count(module.definedFunctions(), "function");
    }
}
