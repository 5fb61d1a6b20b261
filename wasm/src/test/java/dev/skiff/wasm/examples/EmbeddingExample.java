package dev.skiff.wasm.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.InstanceTemplate;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.Memory;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.ModuleException;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.Store;
import dev.skiff.wasm.Trap;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * What a program does that embeds the engine. docs/engine.md shows what stands between {@code // show: NAME} and
 * {@code // end}, and what it prints; the test holds the page to that. The guest is {@code tally.wat} beside the other
 * resources of the tests.
 */
@SuppressWarnings("SystemOut")
public final class EmbeddingExample {
    private final PrintStream out;
    private final Engine engine = Engine.create();
    private final byte[] bytes;
    private final Module module;
    private final Linker linker;

    EmbeddingExample(PrintStream out) throws IOException {
        this.out = out;
        try (InputStream tally = EmbeddingExample.class.getResourceAsStream("tally.wasm")) {
            bytes = tally.readAllBytes();
        }
        module = engine.compile(bytes);
        linker = hostFunction();
    }

    /** Prints what each part does. */
    public static void main(String[] args) throws Throwable {
        new EmbeddingExample(System.out).run();
    }

    void run() throws Throwable {
        call();
        greet();
        withoutBoxing();
        memory();
        limit();
        trap();
        interrupt();
        onAThreadOfItsOwn();
        recycle();
        keepCode();
        refuse();
    }

    private void call() {
        // show: call
        Engine engine = Engine.create(); // one for the process
        Module module = engine.compile(bytes); // decoded and validated; throws ModuleException
        FuncType logs = new FuncType(List.of(NumType.I32, NumType.I32), List.of());
        Linker linker = new Linker().func("host", "log", logs, (caller, args) -> new Object[0]);

        try (Store store = new Store(engine, Limits.DEFAULT)) {
            Instance instance = linker.instantiate(store, module);
            Object[] results = instance.call("add", 2, 40);
            out.println("2 + 40 = " + results[0]);
        }
        // end
    }

    private Linker hostFunction() {
        // show: host function
        FuncType logs = new FuncType(List.of(NumType.I32, NumType.I32), List.of());
        Linker linker = new Linker().func("host", "log", logs, (caller, args) -> {
            long address = Integer.toUnsignedLong((int) args[0]);
            byte[] text = caller.memory().read(address, (int) args[1]); // traps if it is not all in the memory
            out.println("the guest says: " + new String(text, UTF_8));
            return new Object[0];
        });
        // end
        return linker;
    }

    private void greet() {
        try (Store store = new Store(engine, Limits.DEFAULT)) {
            Instance instance = linker.instantiate(store, module);
            // show: greet
            instance.call("greet");
            // end
        }
    }

    // show: handles
    static int logged;

    static void log(Instance caller, int address, int length) {
        logged += length;
    }

    private void withoutBoxing() throws Throwable {
        FuncType logs = new FuncType(List.of(NumType.I32, NumType.I32), List.of());
        MethodHandle log = MethodHandles.lookup()
                .findStatic(
                        EmbeddingExample.class,
                        "log",
                        MethodType.methodType(void.class, Instance.class, int.class, int.class));
        Linker linker = new Linker().func("host", "log", logs, log);

        try (Store store = new Store(engine, Limits.DEFAULT)) {
            Instance instance = linker.instantiate(store, module);
            // Keep it: making a handle costs more than a call.
            MethodHandle add = instance.func("add").orElseThrow().handle();
            int sum = (int) add.invokeExact(2, 40);
            instance.call("greet");
            out.println("sum " + sum + ", " + logged + " bytes logged");
        }
    }
    // end

    private void memory() {
        try (Store store = new Store(engine, Limits.DEFAULT)) {
            Instance instance = linker.instantiate(store, module);
            // show: memory
            Memory memory = instance.memory(); // the one exported as "memory"
            memory.write(1024, "ahoy".getBytes(UTF_8));
            memory.putInt(1028, 42);
            out.println(new String(memory.read(1024, 4), UTF_8) + " " + memory.getInt(1028));
            try {
                memory.getInt(memory.size() - 3);
            } catch (Trap trap) {
                out.println(trap.code());
            }
            // end
        }
    }

    private void limit() {
        // show: limits
        Limits limits =
                Limits.DEFAULT.withMaxMemoryBytes(4 << 20).withFuel(1_000_000).withTimeout(Duration.ofSeconds(30));
        try (Store store = new Store(engine, limits)) {
            Instance instance = linker.instantiate(store, module);
            out.println("grow by 100 pages of 64 KiB: " + instance.call("grow", 100)[0]);
            out.println("grows refused by the limit: " + store.refusedGrows());
            instance.call("spin");
        } catch (Trap trap) {
            out.println(trap.code());
        }
        // end
    }

    private void trap() {
        try (Store store = new Store(engine, Limits.DEFAULT)) {
            Instance instance = linker.instantiate(store, module);
            // show: trap
            try {
                instance.call("average", 10, 0);
            } catch (Trap trap) {
                out.println(trap.code() + ": " + trap.getMessage());
                trap.backtrace().forEach(frame -> out.println("    at " + frame));
            }
            out.println("still usable: " + instance.call("average", 10, 5)[0]);
            // end
        }
    }

    private void interrupt() {
        // show: interrupt
        Executor soon = CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS);
        try (Store store = new Store(engine, Limits.DEFAULT)) {
            Instance instance = linker.instantiate(store, module);
            soon.execute(store::interrupt); // from any thread
            instance.call("spin");
        } catch (Trap trap) {
            out.println(trap.code() + " " + trap.backtrace());
        }
        // end
    }

    private void onAThreadOfItsOwn() {
        // show: guest thread
        Limits limits = Limits.DEFAULT.withStackBytes(16 << 20);
        try (Store store = new Store(engine, limits)) {
            Instance instance = linker.instantiate(store, module);
            Object[] results = store.runOnGuestThread(() -> instance.call("add", 1, 2));
            out.println("1 + 2 = " + results[0]);
        }
        // end
    }

    private void recycle() {
        // show: recycle
        InstanceTemplate template = linker.prepare(module); // resolves the imports once; share it
        try (Store store = new Store(engine, Limits.DEFAULT)) {
            Instance instance = template.instantiate(store);
            instance.call("count");
            out.println("second call: " + instance.call("count")[0]);
            instance.reset();
            out.println("after a reset: " + instance.call("count")[0]);
        }
        // end
    }

    private void keepCode() throws IOException {
        Path directory = Files.createTempDirectory("skiff-example");
        // show: code cache
        try (Engine engine = Engine.builder().codeCache(directory).build()) {
            Module module = engine.compile(bytes);
            boolean translated = engine.fillCodeCache(module); // everything, on all processors
            boolean found = engine.compile(bytes).fromCodeCache();
            out.println("translated: " + translated + ", found the next time: " + found);
        }
        // end
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private void refuse() {
        byte[] damaged = bytes.clone();
        damaged[0x8a] = (byte) 0x92; // f32.add in place of i32.add
        // show: refused
        try {
            engine.compile(damaged);
        } catch (ModuleException e) {
            out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
        // end
    }
}
