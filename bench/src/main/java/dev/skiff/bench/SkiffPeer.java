package dev.skiff.bench;

import dev.skiff.wasi.Preview1;
import dev.skiff.wasi.StandardOutput;
import dev.skiff.wasi.Wasi;
import dev.skiff.wasi.WasiConfig;
import dev.skiff.wasi.WasiExit;
import dev.skiff.wasm.Engine;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.ImportType;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.InstanceTemplate;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.Store;
import dev.skiff.wasm.ValType;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.Optional;

/** Skiff itself, with its default limits. */
final class SkiffPeer implements JvmEngine {
    @Override
    public JvmGuest instantiate(byte[] bytes, Optional<Path> cache) {
        Engine.Builder builder = Engine.builder();
        cache.ifPresent(builder::codeCache);
        Engine engine = builder.build();
        Module module = engine.compile(bytes);
        // Where peers keep what they compiled, Skiff keeps all of the module's code; nothing is left to do the next
        // time.
        engine.fillCodeCache(module);
        Linker linker = Preview1.addTo(new Linker(), module);
        for (ImportType wanted : module.imports()) {
            if (wanted.type() instanceof FuncType type && !linker.offers(wanted.module(), wanted.name())) {
                linker.func(wanted.module(), wanted.name(), type, stub(wanted.name(), type));
            }
        }
        Store store = new Store(engine, Limits.DEFAULT);
        Wasi.attach(store, WasiConfig.builder().build());
        return new SkiffGuest(linker.instantiate(store, module));
    }

    @Override
    public Command compile(byte[] bytes) {
        Engine engine = Engine.create();
        Module module = engine.compile(bytes);
        InstanceTemplate template = Preview1.addTo(new Linker(), module).prepare(module);
        return (args, stdout) -> {
            Store store = new Store(engine, Limits.DEFAULT);
            Wasi.attach(
                    store,
                    WasiConfig.builder()
                            .args(args)
                            .stdout(new StandardOutput.Stream(stdout))
                            .build());
            Instance instance = template.instantiate(store);
            try {
                instance.call("_start");
            } catch (WasiExit exit) {
                if (exit.code() != 0) {
                    throw new IllegalStateException("the guest exited with " + exit.code(), exit);
                }
            }
            return new Kept(instance, store);
        };
    }

    /** A function that answers zero, or for tick one more than its argument. */
    private static MethodHandle stub(String name, FuncType type) {
        try {
            if (name.equals("tick")) {
                return MethodHandles.lookup()
                        .findStatic(SkiffPeer.class, "tick", MethodType.methodType(int.class, int.class));
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
        Class<?> result =
                type.results().isEmpty() ? void.class : carrier(type.results().getFirst());
        Class<?>[] params = type.params().stream().map(SkiffPeer::carrier).toArray(Class<?>[]::new);
        return MethodHandles.empty(MethodType.methodType(result, params));
    }

    private static int tick(int x) {
        return x + 1;
    }

    private static Class<?> carrier(ValType type) {
        return switch (type) {
            case NumType.I32 -> int.class;
            case NumType.I64 -> long.class;
            case NumType.F32 -> float.class;
            case NumType.F64 -> double.class;
            default -> throw new Absent("the stub for an import has a reference type");
        };
    }

    private record SkiffGuest(Instance instance) implements JvmGuest {
        @Override
        public long call(String name, int... args) {
            Object[] boxed = new Object[args.length];
            for (int i = 0; i < args.length; i++) {
                boxed[i] = args[i];
            }
            Object[] results = instance.call(name, boxed);
            return results.length == 0 ? 0 : ((Number) results[0]).longValue();
        }

        @Override
        public double callDouble(String name, int arg) {
            return (Double) instance.call(name, arg)[0];
        }

        @Override
        public void write(int offset, byte[] bytes) {
            instance.memory().write(offset, bytes);
        }
    }
}
