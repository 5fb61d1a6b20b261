package dev.skiff.wasm.spec;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.Feature;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.InvalidModuleException;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.LinkException;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.MalformedModuleException;
import dev.skiff.wasm.MemoryVariant;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.Store;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import dev.skiff.wasm.UnsupportedFeatureException;
import dev.skiff.wasm.WasmException;
import dev.skiff.wasm.spec.Command.Action;
import dev.skiff.wasm.spec.Command.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs one script. A command ends well, or by one of the exceptions below, or in whatever else was thrown. */
final class SpecRunner implements AutoCloseable {
    private static final Limits LIMITS =
            Limits.DEFAULT.withMaxTableElements(1 << 28).withTimeout(Duration.ofSeconds(60));

    private final Engine engine;
    private final Store store;
    private final SpectestModule spectest;
    private final Map<String, Loaded> named = new HashMap<>();
    private final Map<String, Loaded> registered = new HashMap<>();
    private final Map<String, Loaded> definitions = new HashMap<>();
    private Loaded current = new Loaded.Failed(0);

    private SpecRunner(Engine engine, MemoryVariant variant) {
        this.engine = engine;
        store = new Store(engine, variant.limits(LIMITS));
        spectest = new SpectestModule(store);
    }

    /** What became of a module. */
    private sealed interface Loaded {
        record Defined(Module module) implements Loaded {}

        record Live(Instance instance) implements Loaded {}

        record OutOfScope(Feature feature) implements Loaded {}

        record Failed(int line) implements Loaded {}
    }

    /** The command depends on a module that needs a feature which this engine does not have. */
    private static final class OutOfScopeException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final Feature feature;

        OutOfScopeException(Feature feature) {
            super(feature.toString(), null, false, false);
            this.feature = feature;
        }
    }

    /** The command's module is there only in the text format. */
    private static final class TextOnlyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TextOnlyException() {
            super("text format", null, false, false);
        }
    }

    /** The command did not give what it should. */
    private static final class Mismatch extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Mismatch(String message) {
            super(message, null, false, false);
        }
    }

    /** Runs all commands of a script. */
    static SpecResult run(Engine engine, MemoryVariant variant, SpecScript script) {
        SpecResult.Builder result = new SpecResult.Builder(script.name());
        try (SpecRunner runner = new SpecRunner(engine, variant)) {
            for (Command command : script.commands()) {
                if (!runner.run(command, result)) {
                    break;
                }
            }
        }
        return result.build();
    }

    @Override
    public void close() {
        store.close();
    }

    /** Runs a command and adds its outcome; false if the script cannot go on. */
    private boolean run(Command command, SpecResult.Builder result) {
        try {
            execute(command);
            result.passed();
        } catch (OutOfScopeException e) {
            result.outOfScope(e.feature);
        } catch (TextOnlyException e) {
            result.textOnly();
        } catch (Mismatch e) {
            result.failed(command, e.getMessage());
        } catch (Throwable e) {
            result.failed(command, "threw " + describe(e));
            if (e instanceof Trap trap && trap.code() == TrapCode.DEADLINE_EXCEEDED) {
                return false;
            }
        }
        return true;
    }

    private void execute(Command command) {
        switch (command) {
            case Command.Load load -> load(load);
            case Command.Define define -> define(define);
            case Command.Instantiate instantiate -> instantiate(instantiate);
            case Command.Register register -> register(register);
            case Command.Perform perform -> perform(perform.action());
            case Command.AssertReturn check -> {
                Object[] results = perform(check.action());
                if (!matches(check.expected(), results)) {
                    throw new Mismatch("expected " + check.expected() + " but was " + Arrays.toString(results));
                }
            }
            case Command.AssertTrap check -> {
                Object[] results;
                try {
                    results = perform(check.action());
                } catch (Trap trap) {
                    checkTrap(check.text(), trap);
                    return;
                }
                throw new Mismatch("expected a trap, " + check.text() + ", but was " + Arrays.toString(results));
            }
            case Command.AssertException check -> {
                Object[] results;
                try {
                    results = perform(check.action());
                } catch (WasmException expected) {
                    return;
                }
                throw new Mismatch("expected an exception but was " + Arrays.toString(results));
            }
            case Command.AssertRefused check -> checkRefused(check);
        }
    }

    private void load(Command.Load load) {
        current = new Loaded.Failed(load.line());
        try {
            current = new Loaded.Live(instantiate(compile(load.source())));
        } catch (OutOfScopeException e) {
            current = new Loaded.OutOfScope(e.feature);
            throw e;
        } finally {
            load.name().ifPresent(name -> named.put(name, current));
        }
    }

    private void define(Command.Define define) {
        Loaded loaded = new Loaded.Failed(define.line());
        try {
            loaded = new Loaded.Defined(compile(define.source()));
        } catch (OutOfScopeException e) {
            loaded = new Loaded.OutOfScope(e.feature);
            throw e;
        } finally {
            definitions.put(define.name().orElse(""), loaded);
        }
    }

    private void instantiate(Command.Instantiate instantiate) {
        current = switch (definitions.get(instantiate.definition().orElse(""))) {
            case Loaded.Defined defined -> new Loaded.Live(instantiate(defined.module()));
            case Loaded other -> other;
        };
        instantiate.name().ifPresent(name -> named.put(name, current));
        live(current);
    }

    private void register(Command.Register register) {
        Loaded loaded = find(register.name());
        registered.put(register.as(), loaded);
        live(loaded);
    }

    private Object[] perform(Action action) {
        Instance instance = live(find(action.module()));
        return switch (action) {
            case Command.Invoke invoke ->
                instance.call(
                        invoke.field(),
                        invoke.args().stream().map(Constant::boxed).toArray());
            case Command.Get get ->
                new Object[] {instance.global(get.field()).orElseThrow().get()};
        };
    }

    private void checkRefused(Command.AssertRefused check) {
        try {
            Module module = compile(check.source());
            if (check.refusal() == Command.Refusal.UNLINKABLE || check.refusal() == Command.Refusal.UNINSTANTIABLE) {
                instantiate(module);
            }
        } catch (MalformedModuleException e) {
            require(check, Command.Refusal.MALFORMED, e);
            return;
        } catch (InvalidModuleException e) {
            require(check, Command.Refusal.INVALID, e);
            return;
        } catch (LinkException e) {
            require(check, Command.Refusal.UNLINKABLE, e);
            return;
        } catch (Trap e) {
            require(check, Command.Refusal.UNINSTANTIABLE, e);
            checkTrap(check.text(), e);
            return;
        }
        throw new Mismatch("expected " + check.refusal() + " (" + check.text() + ") but it was accepted");
    }

    private static void require(Command.AssertRefused check, Command.Refusal actual, RuntimeException cause) {
        if (check.refusal() != actual) {
            throw new Mismatch("expected " + check.refusal() + " (" + check.text() + ") but was " + describe(cause));
        }
    }

    /** Texts are prefixes of one another: a script may say which element is uninitialized. */
    private static void checkTrap(String text, Trap trap) {
        String actual = trap.code().text();
        if (!text.startsWith(actual) && !actual.startsWith(text)) {
            throw new Mismatch("expected a trap, " + text + ", but was " + describe(trap));
        }
    }

    private static boolean matches(List<Expected> expected, Object[] results) {
        if (expected.size() != results.length) {
            return false;
        }
        for (int i = 0; i < results.length; i++) {
            if (!expected.get(i).matches(results[i])) {
                return false;
            }
        }
        return true;
    }

    private Module compile(Source source) {
        Path file = source.binary().orElseThrow(TextOnlyException::new);
        try {
            return engine.compile(Files.readAllBytes(file));
        } catch (UnsupportedFeatureException e) {
            if (e.feature().supported()) {
                throw new Mismatch("refused, though the feature is supported: " + e.getMessage());
            }
            throw new OutOfScopeException(e.feature());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Instance instantiate(Module module) {
        Linker linker = new Linker();
        spectest.offerTo(linker);
        registered.forEach((name, loaded) -> {
            if (loaded instanceof Loaded.Live(Instance instance)) {
                linker.instance(name, instance);
            }
        });
        module.imports().stream()
                .map(imported -> registered.get(imported.module()))
                .filter(loaded -> loaded != null)
                .forEach(SpecRunner::live);
        return linker.instantiate(store, module);
    }

    private Loaded find(Optional<String> name) {
        return name.map(n -> named.getOrDefault(n, new Loaded.Failed(0))).orElse(current);
    }

    private static Instance live(Loaded loaded) {
        return switch (loaded) {
            case Loaded.Live(Instance instance) -> instance;
            case Loaded.OutOfScope(Feature feature) -> throw new OutOfScopeException(feature);
            case Loaded.Failed(int line) -> throw new Mismatch("needs the module of line " + line + ", which failed");
            case Loaded.Defined defined -> throw new Mismatch("the module is not instantiated");
        };
    }

    private static String describe(Throwable e) {
        StackTraceElement[] trace = e.getStackTrace();
        return e + (trace.length > 0 && !(e instanceof Trap) ? " at " + trace[0] : "");
    }
}
