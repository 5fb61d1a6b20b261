package dev.skiff.wasm.fuzz;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.EngineAccess;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.Store;
import dev.skiff.wasm.ValType;
import dev.skiff.wasm.WasmError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Feeds damaged modules to the whole engine: decoded, validated, translated, instantiated and run. Whatever the bytes are,
 * only a {@link WasmError} may come out.
 *
 * <p>Run without end as {@link Campaign} is run, with the name of this class and a directory of modules.
 */
final class ModuleFuzz {
    private static final int SMALL_METHODS = 100;
    private static final Limits LIMITS = Limits.DEFAULT
            .withMaxMemoryBytes(16 << 20)
            .withMaxTableElements(100_000)
            .withFuel(200_000);

    private final List<Engine> engines = List.of(
            EngineAccess.splitting(MemoryKind.OFF_HEAP, SMALL_METHODS),
            Engine.builder().memoryKind(MemoryKind.HEAP).build());
    private final Rng rng;

    ModuleFuzz(long seed) {
        rng = new Rng(seed);
    }

    public static void main(String[] args) throws Exception {
        List<byte[]> modules;
        try (var files = Files.walk(Path.of(args[0]))) {
            modules = files.filter(file -> file.toString().endsWith(".wasm"))
                    .map(ModuleFuzz::read)
                    .toList();
        }
        long seed = System.nanoTime();
        System.out.println(modules.size() + " modules, seed " + seed);
        var fuzz = new ModuleFuzz(seed);
        long accepted = 0;
        for (long i = 1; ; i++) {
            byte[] damaged = fuzz.damage(fuzz.rng.pick(modules));
            try {
                accepted += DeepStack.run(() -> fuzz.accepts(damaged)) ? 1 : 0;
            } catch (RuntimeException | Error e) {
                System.out.println(Files.write(Path.of("target", "crash-" + i + ".wasm"), damaged));
                e.printStackTrace();
            }
            if (i % 10_000 == 0) {
                System.out.println(i + " modules, " + accepted + " of them valid");
            }
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A module with a few bytes changed, removed, inserted or copied. */
    byte[] damage(byte[] module) {
        byte[] damaged = module;
        for (int i = rng.between(1, 3); i > 0; i--) {
            damaged = Mutation.apply(damaged, rng);
        }
        return damaged;
    }

    /** Puts a module through everything; returns whether it is valid. */
    boolean accepts(byte[] binary) {
        boolean valid = false;
        for (var engine : engines) {
            try {
                var module = engine.compile(binary);
                valid = true;
                EngineAccess.translate(module);
                run(engine, module);
            } catch (WasmError e) {
                // An answer that every module may get.
            }
        }
        return valid;
    }

    private static void run(Engine engine, Module module) {
        try (var store = new Store(engine, LIMITS)) {
            var instance = new Linker().instantiate(store, module);
            for (var export : module.exports()) {
                if (export.type() instanceof FuncType type) {
                    call(instance, export.name(), type);
                }
            }
        }
    }

    private static void call(Instance instance, String name, FuncType type) {
        try {
            instance.call(name, type.params().stream().map(ModuleFuzz::zero).toArray());
        } catch (WasmError e) {
            // A trap or an exception is an answer too.
        }
    }

    private static Object zero(ValType type) {
        if (!(type instanceof NumType number)) {
            return null;
        }
        return switch (number) {
            case I32 -> 0;
            case I64 -> 0L;
            case F32 -> 0f;
            case F64 -> 0d;
        };
    }
}
