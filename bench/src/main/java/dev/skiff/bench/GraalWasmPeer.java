package dev.skiff.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyObject;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionImport;
import run.endive.wasm.types.Import;

/** GraalWasm with the Graal compiler; instances share an engine, each has a context of its own. */
final class GraalWasmPeer implements JvmEngine {
    private static final String WASI = "wasi_snapshot_preview1";

    private final Engine engine = Engine.newBuilder("wasm")
            .allowExperimentalOptions(true)
            .option("engine.WarnInterpreterOnly", "false")
            .build();

    @Override
    public JvmGuest instantiate(byte[] module, Optional<Path> cache) {
        if (cache.isPresent()) {
            throw new Absent("has no code cache on disk");
        }
        Context context = context(List.of("guest"), OutputStream.nullOutputStream());
        Value instance = context.eval(source(module)).newInstance(ProxyObject.fromMap(stubs(Parser.parse(module))));
        return new GraalGuest(instance.getMember("exports"));
    }

    @Override
    public Command compile(byte[] module) {
        Source source = source(module);
        return (args, stdout) -> {
            Context context = context(args, stdout);
            Value exports = context.eval(source).newInstance().getMember("exports");
            try {
                exports.invokeMember("_start");
            } catch (PolyglotException e) {
                if (!e.isExit() || e.getExitStatus() != 0) {
                    throw e;
                }
            }
            return new Kept(exports, context);
        };
    }

    private Context context(List<String> args, OutputStream stdout) {
        return Context.newBuilder("wasm")
                .engine(engine)
                .option("wasm.Builtins", WASI)
                .arguments("wasm", args.toArray(String[]::new))
                .out(stdout)
                .build();
    }

    private static Source source(byte[] module) {
        try {
            return Source.newBuilder("wasm", ByteSequence.create(module), "guest")
                    .build();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Functions for every import that is not WASI's. GraalWasm cannot list imports, so Endive's parser does. */
    private static Map<String, Object> stubs(WasmModule module) {
        Map<String, Map<String, Object>> byModule = new HashMap<>();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            Import wanted = module.importSection().getImport(i);
            if (wanted instanceof FunctionImport function && !wanted.module().equals(WASI)) {
                var results = module.typeSection().getType(function.typeIndex()).returns();
                ProxyExecutable zero = results.isEmpty() ? args -> null : args -> 0;
                ProxyExecutable tick = args -> args[0].asInt() + 1;
                byModule.computeIfAbsent(wanted.module(), m -> new HashMap<>())
                        .put(wanted.name(), wanted.name().equals("tick") ? tick : zero);
            }
        }
        Map<String, Object> imports = new HashMap<>();
        byModule.forEach((name, functions) -> imports.put(name, ProxyObject.fromMap(functions)));
        return imports;
    }

    private record GraalGuest(Value exports) implements JvmGuest {
        @Override
        public long call(String name, int... args) {
            Object[] boxed = new Object[args.length];
            for (int i = 0; i < args.length; i++) {
                boxed[i] = args[i];
            }
            Value result = exports.getMember(name).execute(boxed);
            return result.fitsInLong() ? result.asLong() : 0;
        }

        @Override
        public double callDouble(String name, int arg) {
            return exports.getMember(name).execute(arg).asDouble();
        }

        @Override
        public void write(int offset, byte[] bytes) {
            Value memory = exports.getMember("memory");
            for (int i = 0; i < bytes.length; i++) {
                memory.writeBufferByte(offset + i, bytes[i]);
            }
        }
    }
}
