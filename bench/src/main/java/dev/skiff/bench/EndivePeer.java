package dev.skiff.bench;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.wasi.WasiExitException;
import run.endive.wasi.WasiOptions;
import run.endive.wasi.WasiPreview1;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionImport;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.Import;

/** Endive with its compiler, its flags at their defaults. */
final class EndivePeer implements JvmEngine {
    @Override
    public JvmGuest instantiate(byte[] module, Optional<Path> cache) {
        if (cache.isPresent()) {
            throw new Absent("its cache on disk is not published");
        }
        WasmModule parsed = Parser.parse(module);
        WasiPreview1 wasi = wasi(List.of("guest"), OutputStream.nullOutputStream());
        Instance instance = Instance.builder(parsed)
                .withMachineFactory(MachineFactoryCompiler.compile(parsed))
                .withImportValues(imports(parsed, wasi))
                .withStart(false)
                .build();
        return new EndiveGuest(instance);
    }

    @Override
    public Command compile(byte[] module) {
        WasmModule parsed = Parser.parse(module);
        Function<Instance, Machine> machines = MachineFactoryCompiler.compile(parsed);
        return (args, stdout) -> {
            WasiPreview1 wasi = wasi(args, stdout);
            Instance instance = Instance.builder(parsed)
                    .withMachineFactory(machines)
                    .withImportValues(imports(parsed, wasi))
                    .withStart(false)
                    .build();
            try {
                instance.export("_start").apply();
            } catch (WasiExitException exit) {
                if (exit.exitCode() != 0) {
                    throw new IllegalStateException("the guest exited with " + exit.exitCode(), exit);
                }
            }
            return new Kept(instance, wasi);
        };
    }

    private static WasiPreview1 wasi(List<String> args, OutputStream stdout) {
        WasiOptions options = WasiOptions.builder()
                .withArguments(args)
                .withStdout(stdout)
                .withStderr(System.err)
                .build();
        return WasiPreview1.builder().withOptions(options).build();
    }

    private static ImportValues imports(WasmModule module, WasiPreview1 wasi) {
        List<ImportFunction> functions = new ArrayList<>(List.of(wasi.toHostFunctions()));
        Set<String> offered = new HashSet<>();
        functions.forEach(f -> offered.add(f.module() + "." + f.name()));
        for (int i = 0; i < module.importSection().importCount(); i++) {
            Import wanted = module.importSection().getImport(i);
            if (wanted instanceof FunctionImport function && offered.add(wanted.module() + "." + wanted.name())) {
                FunctionType type = module.typeSection().getType(function.typeIndex());
                functions.add(stub(wanted, type));
            }
        }
        return ImportValues.builder().withFunctions(functions).build();
    }

    private static HostFunction stub(Import wanted, FunctionType type) {
        if (wanted.name().equals("tick")) {
            return new HostFunction(
                    wanted.module(), wanted.name(), type, (instance, args) -> new long[] {(int) args[0] + 1});
        }
        int results = type.returns().size();
        return new HostFunction(wanted.module(), wanted.name(), type, (instance, args) -> new long[results]);
    }

    private record EndiveGuest(Instance instance) implements JvmGuest {
        @Override
        public long call(String name, int... args) {
            long[] slots = new long[args.length];
            for (int i = 0; i < args.length; i++) {
                slots[i] = args[i];
            }
            long[] results = instance.export(name).apply(slots);
            return results == null || results.length == 0 ? 0 : results[0];
        }

        @Override
        public double callDouble(String name, int arg) {
            return Double.longBitsToDouble(call(name, arg));
        }

        @Override
        public void write(int offset, byte[] bytes) {
            instance.memory().write(offset, bytes);
        }
    }
}
