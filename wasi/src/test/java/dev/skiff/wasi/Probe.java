package dev.skiff.wasi;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.InstanceTemplate;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.Memory;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.Store;
import dev.skiff.wasm.ValType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * A guest that a test plays: a module that imports every function of WASI and exports one of the same name that calls
 * it, and four pages of memory, in which {@link #put} and {@link #reserve} hand out places from 1,024 on. It knows signals
 * from {@link #handle} on.
 */
final class Probe implements AutoCloseable {
    static final int SUCCESS = 0;

    private static final FuncType HANDLER = new FuncType(List.of(NumType.I32), List.of());
    private static final Map<String, FuncType> TYPES = new LinkedHashMap<>();
    private static final byte[] BINARY = assemble();
    private static final Map<MemoryKind, Prepared> PREPARED = new EnumMap<>(MemoryKind.class);

    /** What all guests with a kind of memory share. */
    private record Prepared(Engine engine, InstanceTemplate template) {
        static Prepared of(MemoryKind kind) {
            Engine engine = Engine.builder().memoryKind(kind).build();
            Module module = engine.compile(BINARY);
            Linker linker = Preview1.addTo(new Linker()).func("test", "handler", HANDLER, Probe::callHandler);
            return new Prepared(engine, linker.prepare(module));
        }
    }

    /** What the guest does about signals, in its store. */
    private record Handler(IntConsumer action) {}

    private static Object[] callHandler(Instance caller, Object... args) {
        caller.store().data(Handler.class).action.accept((Integer) args[0]);
        return new Object[0];
    }

    final Store store;
    final Wasi wasi;
    final Instance instance;
    final Memory memory;
    private int free = 1_024;

    Probe(WasiConfig config) {
        this(config, Limits.DEFAULT, MemoryKind.OFF_HEAP);
    }

    Probe(WasiConfig config, Limits limits, MemoryKind kind) {
        Prepared prepared = PREPARED.computeIfAbsent(kind, Prepared::of);
        store = new Store(prepared.engine, limits);
        try {
            wasi = Wasi.attach(store, config);
            instance = prepared.template.instantiate(store);
            memory = instance.memory();
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /** Has the guest do something about signals from now on, on its own thread and in a function of its own. */
    void handle(IntConsumer action) {
        store.setData(Handler.class, new Handler(action));
        wasi.signals().deliverTo(instance);
    }

    /** Calls a function; an int is given for a 64-bit parameter where one is wanted. Answers the error code. */
    Errno call(String name, Object... args) {
        List<ValType> params = TYPES.get(name).params();
        Object[] converted = new Object[args.length];
        for (int i = 0; i < args.length; i++) {
            long value = ((Number) args[i]).longValue();
            converted[i] = params.get(i) == NumType.I64 ? (Object) value : (Object) (int) value;
        }
        Object[] results = instance.call(name, converted);
        return Errno.values()[results.length == 0 ? 0 : (Integer) results[0]];
    }

    /** Puts bytes into the memory and answers where. */
    int put(byte[] bytes) {
        int at = reserve(bytes.length);
        memory.write(at, bytes);
        return at;
    }

    int put(String text) {
        return put(text.getBytes(StandardCharsets.UTF_8));
    }

    int reserve(int bytes) {
        int at = free;
        free = free + bytes + 7 & -8;
        if (free > 200_000) {
            free = 1_024;
        }
        return at;
    }

    /** Puts a list with one buffer into the memory and answers where. */
    int list(int pointer, int length) {
        int at = reserve(8);
        memory.putInt(at, pointer);
        memory.putInt(at + 4, length);
        return at;
    }

    String text(int pointer, int length) {
        return new String(memory.read(pointer, length), StandardCharsets.UTF_8);
    }

    /** An answer: the error code, and the number that was written if it is success. */
    record Answer(Errno errno, long value) {
        int fd() {
            if (errno != Errno.SUCCESS) {
                throw new AssertionError("failed with " + errno);
            }
            return (int) value;
        }
    }

    Answer open(int dir, String path, boolean follow, int oflags, long base, long inheriting, int fdflags) {
        int at = put(path);
        int length = path.getBytes(StandardCharsets.UTF_8).length;
        int result = reserve(4);
        Errno errno = call("path_open", dir, follow ? 1 : 0, at, length, oflags, base, inheriting, fdflags, result);
        return new Answer(errno, memory.getInt(result));
    }

    Answer open(int dir, String path, int oflags, long base) {
        return open(dir, path, true, oflags, base, 0, 0);
    }

    /** A call whose arguments after the directory are one path. */
    Errno path(String name, int dir, String path) {
        return call(name, dir, put(path), path.getBytes(StandardCharsets.UTF_8).length);
    }

    Answer write(int fd, String text) {
        int result = reserve(4);
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        return new Answer(call("fd_write", fd, list(put(text), length), 1, result), memory.getInt(result));
    }

    /** Reads up to a number of bytes; the text is at {@link #lastRead}. */
    Answer read(int fd, int length) {
        int result = reserve(4);
        lastRead = reserve(length);
        return new Answer(call("fd_read", fd, list(lastRead, length), 1, result), memory.getInt(result));
    }

    int lastRead;

    @Override
    public void close() {
        store.close();
    }

    private static byte[] assemble() {
        Preview1.types().forEach(TYPES::put);
        Map<String, FuncType> all = new LinkedHashMap<>(TYPES);
        all.put(GuestSignals.HANDLER, HANDLER);
        ByteArrayOutputStream types = new ByteArrayOutputStream();
        ByteArrayOutputStream imports = new ByteArrayOutputStream();
        ByteArrayOutputStream functions = new ByteArrayOutputStream();
        ByteArrayOutputStream exports = new ByteArrayOutputStream();
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        int count = all.size();
        number(types, count);
        number(imports, count);
        number(functions, count);
        number(exports, count + 1);
        number(code, count);
        int index = 0;
        for (Map.Entry<String, FuncType> function : all.entrySet()) {
            types.write(0x60);
            valueTypes(types, function.getValue().params());
            valueTypes(types, function.getValue().results());
            boolean handler = function.getKey().equals(GuestSignals.HANDLER);
            name(imports, handler ? "test" : Preview1.MODULE);
            name(imports, handler ? "handler" : function.getKey());
            imports.write(0);
            number(imports, index);
            number(functions, index);
            name(exports, function.getKey());
            exports.write(0);
            number(exports, count + index);
            int params = function.getValue().params().size();
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            body.write(0);
            for (int i = 0; i < params; i++) {
                body.write(0x20);
                number(body, i);
            }
            body.write(0x10);
            number(body, index);
            body.write(0x0b);
            number(code, body.size());
            code.writeBytes(body.toByteArray());
            index++;
        }
        name(exports, "memory");
        exports.write(2);
        number(exports, 0);
        ByteArrayOutputStream module = new ByteArrayOutputStream();
        module.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        section(module, 1, types.toByteArray());
        section(module, 2, imports.toByteArray());
        section(module, 3, functions.toByteArray());
        section(module, 5, new byte[] {1, 0, 4});
        section(module, 7, exports.toByteArray());
        section(module, 10, code.toByteArray());
        return module.toByteArray();
    }

    private static void section(ByteArrayOutputStream out, int id, byte[] content) {
        out.write(id);
        number(out, content.length);
        out.writeBytes(content);
    }

    private static void valueTypes(ByteArrayOutputStream out, List<ValType> types) {
        number(out, types.size());
        types.forEach(t -> out.write(t == NumType.I64 ? 0x7e : 0x7f));
    }

    private static void name(ByteArrayOutputStream out, String name) {
        number(out, name.length());
        out.writeBytes(name.getBytes(StandardCharsets.UTF_8));
    }

    private static void number(ByteArrayOutputStream out, int value) {
        int rest = value;
        while (rest > 0x7f) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }
}
