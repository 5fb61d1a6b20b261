package dev.skiff.wasm;

import java.util.EnumMap;
import java.util.Map;

/** An instance in a store of its own, for tests. Closing it closes the store. */
public final class Guest implements AutoCloseable {
    private static final Map<MemoryKind, Engine> ENGINES = new EnumMap<>(MemoryKind.class);

    private final Store store;
    private final Instance instance;

    private Guest(Store store, Instance instance) {
        this.store = store;
        this.instance = instance;
    }

    /** One engine for all tests of a kind of memory. */
    public static synchronized Engine engine(MemoryKind kind) {
        return ENGINES.computeIfAbsent(kind, k -> Engine.builder().memoryKind(k).build());
    }

    public static Module compile(MemoryKind kind, ModuleBuilder module) {
        return engine(kind).compile(module.build());
    }

    public static Guest start(MemoryKind kind, ModuleBuilder module) {
        return start(kind, module, Limits.DEFAULT, new Linker());
    }

    public static Guest start(MemoryKind kind, ModuleBuilder module, Limits limits) {
        return start(kind, module, limits, new Linker());
    }

    public static Guest start(MemoryKind kind, ModuleBuilder module, Linker linker) {
        return start(kind, module, Limits.DEFAULT, linker);
    }

    public static Guest start(MemoryKind kind, ModuleBuilder module, Limits limits, Linker linker) {
        return start(compile(kind, module), engine(kind), limits, linker);
    }

    public static Guest start(Module module, Engine engine, Limits limits, Linker linker) {
        Store store = new Store(engine, limits);
        try {
            return new Guest(store, linker.instantiate(store, module));
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    public Store store() {
        return store;
    }

    public Instance instance() {
        return instance;
    }

    /** Calls an export that has one result. */
    public Object call(String export, Object... args) {
        Object[] results = instance.call(export, args);
        if (results.length != 1) {
            throw new AssertionError(export + " has " + results.length + " results");
        }
        return results[0];
    }

    /** Calls an export without results, or with results that do not matter. */
    public void run(String export, Object... args) {
        instance.call(export, args);
    }

    @Override
    public void close() {
        store.close();
    }
}
