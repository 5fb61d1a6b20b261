package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import run.endive.runtime.CallResult;
import run.endive.runtime.GlobalInstance;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportGlobal;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.InterpreterMachine;
import run.endive.runtime.WasmException;
import run.endive.runtime.WasmExternRef;
import run.endive.runtime.WasmFunctionHandle;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.MutabilityType;
import run.endive.wasm.types.ValType;

/** Endive's interpreter. */
final class EndiveRunner implements Runner {
    private static final long NULL = -1;
    private static final int PAGE = 65_536;

    /** What its messages begin with, by the kind of trap. */
    private static final Map<String, String> TRAPS = Map.ofEntries(
            Map.entry("Trapped on unreachable", "UNREACHABLE"),
            Map.entry("out of bounds memory access", "MEMORY_OUT_OF_BOUNDS"),
            Map.entry("out of bounds table access", "TABLE_OUT_OF_BOUNDS"),
            Map.entry("undefined element", "UNDEFINED_ELEMENT"),
            Map.entry("uninitialized element", "UNINITIALIZED_ELEMENT"),
            Map.entry("indirect call type mismatch", "INDIRECT_CALL_TYPE_MISMATCH"),
            Map.entry("integer divide by zero", "INTEGER_DIVIDE_BY_ZERO"),
            Map.entry("integer overflow", "INTEGER_OVERFLOW"),
            Map.entry("invalid conversion to integer", "INVALID_CONVERSION_TO_INTEGER"),
            Map.entry("null exception reference", "NULL_REFERENCE"),
            Map.entry("null reference", "NULL_REFERENCE"),
            Map.entry("call stack exhausted", "CALL_STACK_EXHAUSTED"));

    @Override
    public String name() {
        return "Endive";
    }

    /** Its tail calls between functions of different parameters fail, and so do branches in blocks with parameters. */
    @Override
    public Set<Trait> traits() {
        return EnumSet.complementOf(EnumSet.of(Trait.TAIL_CALLS, Trait.TYPED_BLOCKS));
    }

    @Override
    public Outcome run(Scenario scenario) {
        var host = new Host();
        var module = Parser.parse(scenario.wasm());
        var outcome = new Outcome.Builder();
        Instance instance;
        try {
            instance = Instance.builder(module)
                    .withImportValues(imports(scenario, host))
                    .withMachineFactory(InterpreterMachine::new)
                    .build();
        } catch (WasmEngineException e) {
            return outcome.add(trap("instantiate", e)).build();
        } catch (WasmException e) {
            return outcome.add("instantiate: exception").build();
        }
        outcome.add("instantiate: ok");
        for (var call : scenario.calls()) {
            outcome.add(call(instance, call, scenario));
        }
        for (var export : scenario.exports()) {
            state(instance, export, outcome);
        }
        return outcome.add("host: " + host).build();
    }

    private static String call(Instance instance, Scenario.Call call, Scenario scenario) {
        String what = "call " + call.export();
        try {
            instance.exports().function("refuel").apply();
            var function = instance.exports().function(call.export());
            var results = function.applyWithRefs(raw(call.args()), references(call.args()));
            return what + ": " + Value.join(values(call.results(), results.longs(), results.refs()));
        } catch (WasmException e) {
            var tags = scenario.exports().stream()
                    .filter(export -> export.kind().equals("tag"))
                    .toList();
            return what + ": exception e" + e.tagIdx() + " "
                    + Value.join(values(tags.get(e.tagIdx()).types(), e.args(), e.refArgs()));
        } catch (WasmEngineException e) {
            return trap(what, e);
        }
    }

    private static String trap(String what, WasmEngineException e) {
        String message = String.valueOf(e.getMessage());
        return TRAPS.entrySet().stream()
                .filter(entry -> message.startsWith(entry.getKey()))
                .map(entry -> Outcome.trap(what, entry.getValue()))
                .findFirst()
                .orElseThrow(() -> e);
    }

    private static void state(Instance instance, Scenario.Export export, Outcome.Builder outcome) {
        String name = export.name();
        switch (export.kind()) {
            case "memory" -> {
                var memory = instance.exports().memory(name);
                int size = memory.pages() * PAGE;
                int hash = Host.hash(memory.readBytes(0, size));
                outcome.add("memory " + name + ": " + size + " bytes, hash " + hash);
            }
            case "global" -> {
                var global = instance.exports().global(name);
                var value = value(export.types().getFirst(), global.getValue(), global.getRefValue());
                outcome.add("global " + name + ": " + value);
            }
            case "table" -> {
                var table = instance.exports().table(name);
                var elements = new ArrayList<Value>();
                for (int i = 0; i < table.size(); i++) {
                    elements.add(value(export.types().getFirst(), table.ref(i), table.objRef(i)));
                }
                outcome.add("table " + name + ": " + Value.join(elements));
            }
            default -> {}
        }
    }

    @SuppressWarnings("deprecation") // there is no other way to a global from raw bits
    private static ImportValues imports(Scenario scenario, Host host) {
        var imports = ImportValues.builder();
        for (var entry : scenario.imports()) {
            if (entry.signature() != null) {
                imports.addFunction(function(entry, host));
            } else {
                var mutability = entry.mutable() ? MutabilityType.Var : MutabilityType.Const;
                long bits = raw(Host.global(entry.global()));
                @SuppressWarnings("deprecation")
                var global = new GlobalInstance(bits, 0, type(entry.global()), mutability);
                imports.addGlobal(new ImportGlobal("env", entry.name(), global));
            }
        }
        return imports.build();
    }

    private static HostFunction function(Scenario.Import entry, Host host) {
        var signature = entry.signature();
        var type = FunctionType.of(
                signature.params().stream().map(EndiveRunner::type).toList(),
                signature.results().stream().map(EndiveRunner::type).toList());
        return switch (entry.name()) {
            case Host.POKE -> new HostFunction("env", entry.name(), type, EndiveRunner::poke);
            case Host.CALLBACK -> new HostFunction("env", entry.name(), type, EndiveRunner::callBack);
            default -> new HostFunction("env", entry.name(), type, new Pure(entry, host));
        };
    }

    /** A function of the host. */
    private record Pure(Scenario.Import entry, Host host) implements WasmFunctionHandle {
        @Override
        public long[] apply(Instance instance, long... args) {
            return applyWithRefs(instance, args, null).longs();
        }

        @Override
        public CallResult applyWithRefs(Instance instance, long[] args, Object[] references) {
            var signature = entry.signature();
            var results = host.call(entry.name(), values(signature.params(), args, references), signature.results());
            return CallResult.of(raw(results), references(results));
        }
    }

    private static long[] poke(Instance instance, long... args) {
        var memory = instance.memory(0);
        long before = memory.pages();
        int arg = (int) args[0];
        if ((arg & 1) != 0) {
            memory.grow(1);
        }
        int address = arg >>> 1 & 0xFFFF;
        if (address < memory.pages() * PAGE) {
            memory.writeByte(address, (byte) (memory.read(address) ^ 0x5A));
        }
        return new long[] {before};
    }

    private static long[] callBack(Instance instance, long... args) {
        long[] results = instance.exports().function("callback").apply((int) args[0] - 1);
        return new long[] {(int) results[0] + 1};
    }

    private static ValType type(Type type) {
        return switch (type) {
            case I32 -> ValType.I32;
            case I64 -> ValType.I64;
            case F32 -> ValType.F32;
            case F64 -> ValType.F64;
            case FUNCREF -> ValType.FuncRef;
            case EXTERNREF -> ValType.ExternRef;
            case EXNREF -> ValType.ExnRef;
        };
    }

    private static long[] raw(List<Value> values) {
        return values.stream().mapToLong(EndiveRunner::raw).toArray();
    }

    private static long raw(Value value) {
        return value.isNull() ? NULL : value.bits();
    }

    private static Object[] references(List<Value> values) {
        return values.stream()
                .map(value ->
                        value.type() == Type.EXTERNREF && !value.isNull() ? new WasmExternRef(value.bits()) : null)
                .toArray();
    }

    private static List<Value> values(List<Type> types, long[] raw, Object[] references) {
        var values = new ArrayList<Value>();
        for (int i = 0; i < types.size(); i++) {
            values.add(value(types.get(i), raw[i], references == null ? null : references[i]));
        }
        return values;
    }

    private static Value value(Type type, long raw, Object reference) {
        return switch (type) {
            case I32 -> Value.i32((int) raw);
            case I64 -> Value.i64(raw);
            case F32 -> Value.f32((int) raw);
            case F64 -> Value.f64(raw);
            case EXTERNREF ->
                reference instanceof WasmExternRef extern ? Value.token(extern.value()) : Value.nothing(type);
            default -> raw == NULL ? Value.nothing(type) : Value.something(type);
        };
    }
}
