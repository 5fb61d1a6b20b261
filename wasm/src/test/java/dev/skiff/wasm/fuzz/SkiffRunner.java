package dev.skiff.wasm.fuzz;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.EngineAccess;
import dev.skiff.wasm.Func;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.Global;
import dev.skiff.wasm.GlobalType;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.Memory;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.MemoryVariant;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.RefType;
import dev.skiff.wasm.Store;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.ValType;
import dev.skiff.wasm.WasmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Skiff itself, through its API. */
final class SkiffRunner implements Runner {
    private static final int PAGE = 65_536;

    private final String name;
    private final Engine engine;
    private final Limits limits;

    private SkiffRunner(String name, Engine engine, Limits limits) {
        this.name = name;
        this.engine = engine;
        this.limits = limits;
    }

    /** As it is used. */
    static SkiffRunner of(MemoryKind kind) {
        return new SkiffRunner(
                "Skiff " + kind, Engine.builder().memoryKind(kind).build(), Limits.DEFAULT);
    }

    /** With functions split into methods of about a size, which brings the risks of large functions to small ones. */
    static SkiffRunner splitting(MemoryKind kind, int methodSize) {
        var engine = EngineAccess.splitting(kind, methodSize);
        return new SkiffRunner("Skiff " + kind + " in methods of " + methodSize, engine, Limits.DEFAULT);
    }

    /** With fuel counted; split as {@link #splitting} does. */
    static SkiffRunner metered(MemoryKind kind, int methodSize) {
        var engine = EngineAccess.splitting(kind, methodSize);
        var limits = Limits.DEFAULT.withFuel(Long.MAX_VALUE / 2);
        return new SkiffRunner("Skiff " + kind + " with fuel in methods of " + methodSize, engine, limits);
    }

    /** With memories that may be larger than 2 GiB; split as {@link #splitting} does. */
    static SkiffRunner far(int methodSize) {
        var engine = EngineAccess.splitting(MemoryKind.OFF_HEAP, methodSize);
        var limits = MemoryVariant.OFF_HEAP_FAR.limits(Limits.DEFAULT);
        return new SkiffRunner("Skiff with large memories in methods of " + methodSize, engine, limits);
    }

    /** An external reference, so that none is taken for a number. */
    private record Token(long value) {}

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Trait> traits() {
        return EnumSet.allOf(Trait.class);
    }

    @Override
    public Outcome run(Scenario scenario) {
        var host = new Host();
        var outcome = new Outcome.Builder();
        var module = engine.compile(scenario.wasm());
        try (var store = new Store(engine, limits)) {
            Instance instance;
            try {
                instance = linker(store, scenario, host).instantiate(store, module);
            } catch (Trap trap) {
                return outcome.add(Outcome.trap("instantiate", trap.code().name()))
                        .build();
            } catch (WasmException e) {
                return outcome.add("instantiate: exception").build();
            }
            outcome.add("instantiate: ok");
            for (var call : scenario.calls()) {
                outcome.add(call(instance, call));
            }
            for (var export : scenario.exports()) {
                state(instance, export, outcome);
            }
        }
        return outcome.add("host: " + host).build();
    }

    private static String call(Instance instance, Scenario.Call call) {
        String what = "call " + call.export();
        try {
            instance.call("refuel");
            var args = call.args().stream().map(SkiffRunner::boxed).toArray();
            return what + ": " + Value.join(values(call.results(), instance.call(call.export(), args)));
        } catch (Trap trap) {
            return Outcome.trap(what, trap.code().name());
        } catch (WasmException e) {
            return what + ": exception " + tag(instance, e) + " "
                    + Value.join(values(
                            types(e.tag().type().signature().params()),
                            e.payload().toArray()));
        }
    }

    private static String tag(Instance instance, WasmException e) {
        for (int i = 0; ; i++) {
            var tag = instance.export("e" + i);
            if (tag.isEmpty() || tag.get().equals(e.tag())) {
                return "e" + i;
            }
        }
    }

    private static void state(Instance instance, Scenario.Export export, Outcome.Builder outcome) {
        String name = export.name();
        switch (export.kind()) {
            case "memory" -> {
                var memory = instance.memory(name).orElseThrow();
                int hash = Host.hash(memory.read(0, (int) memory.size()));
                outcome.add("memory " + name + ": " + memory.size() + " bytes, hash " + hash);
            }
            case "global" -> {
                var value = instance.global(name).orElseThrow().get();
                outcome.add("global " + name + ": " + value(export.types().getFirst(), value));
            }
            case "table" -> {
                var table = instance.table(name).orElseThrow();
                var elements = new ArrayList<Value>();
                for (int i = 0; i < table.size(); i++) {
                    elements.add(value(export.types().getFirst(), table.get(i)));
                }
                outcome.add("table " + name + ": " + Value.join(elements));
            }
            default -> {}
        }
    }

    private static Linker linker(Store store, Scenario scenario, Host host) {
        var linker = new Linker();
        for (var entry : scenario.imports()) {
            if (entry.signature() != null) {
                function(linker, entry, host);
            } else {
                var type = new GlobalType(type(entry.global()), entry.mutable());
                linker.define("env", entry.name(), Global.create(store, type, boxed(Host.global(entry.global()))));
            }
        }
        return linker;
    }

    private static void function(Linker linker, Scenario.Import entry, Host host) {
        var signature = entry.signature();
        var type = new FuncType(
                signature.params().stream().map(SkiffRunner::type).toList(),
                signature.results().stream().map(SkiffRunner::type).toList());
        linker.func("env", entry.name(), type, (caller, args) -> switch (entry.name()) {
            case Host.POKE -> poke(caller.memory("m0").orElseThrow(), (int) args[0]);
            case Host.CALLBACK -> {
                var results = caller.call("callback", (int) args[0] - 1);
                yield new Object[] {(int) results[0] + 1};
            }
            default ->
                host.call(entry.name(), values(signature.params(), args), signature.results()).stream()
                        .map(SkiffRunner::boxed)
                        .toArray();
        });
    }

    private static Object[] poke(Memory memory, int arg) {
        int before = (int) memory.pages();
        if ((arg & 1) != 0) {
            memory.grow(1);
        }
        int address = arg >>> 1 & 0xFFFF;
        if (address < memory.pages() * PAGE) {
            memory.putByte(address, memory.getByte(address) ^ 0x5A);
        }
        return new Object[] {before};
    }

    private static ValType type(Type type) {
        return switch (type) {
            case I32 -> NumType.I32;
            case I64 -> NumType.I64;
            case F32 -> NumType.F32;
            case F64 -> NumType.F64;
            case FUNCREF -> RefType.FUNCREF;
            case EXTERNREF -> RefType.EXTERNREF;
            case EXNREF -> RefType.EXNREF;
        };
    }

    private static List<Type> types(List<ValType> types) {
        return types.stream()
                .map(type -> Type.valueOf(type.toString().toUpperCase(java.util.Locale.ROOT)))
                .toList();
    }

    private static Object boxed(Value value) {
        return switch (value.type()) {
            case I32 -> (int) value.bits();
            case I64 -> value.bits();
            case F32 -> Float.intBitsToFloat((int) value.bits());
            case F64 -> Double.longBitsToDouble(value.bits());
            case EXTERNREF -> value.isNull() ? null : new Token(value.bits());
            default -> null;
        };
    }

    private static List<Value> values(List<Type> types, Object[] boxed) {
        if (types.size() != boxed.length) {
            throw new IllegalStateException(boxed.length + " values for " + types);
        }
        var values = new ArrayList<Value>();
        for (int i = 0; i < types.size(); i++) {
            values.add(value(types.get(i), boxed[i]));
        }
        return values;
    }

    private static Value value(Type type, Object boxed) {
        return switch (boxed) {
            case null -> Value.nothing(type);
            case Integer number when type == Type.I32 -> Value.i32(number);
            case Long number when type == Type.I64 -> Value.i64(number);
            case Float number when type == Type.F32 -> Value.f32(Float.floatToRawIntBits(number));
            case Double number when type == Type.F64 -> Value.f64(Double.doubleToRawLongBits(number));
            case Token token when type == Type.EXTERNREF -> Value.token(token.value());
            case Func function when type == Type.FUNCREF -> Value.something(type);
            default -> throw new IllegalStateException("not of type " + type + ": " + boxed);
        };
    }
}
