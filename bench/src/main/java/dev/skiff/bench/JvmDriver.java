package dev.skiff.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The driver of the engines that run on the JVM. The first argument names the engine (skiff, endive, graalwasm), the rest
 * is a command of {@code bench/drivers/README.md}.
 */
public final class JvmDriver {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final List<String> HELLO = List.of("hello");

    private final JvmEngine engine;

    private JvmDriver(JvmEngine engine) {
        this.engine = engine;
    }

    /** Runs one command. */
    public static void main(String[] args) throws IOException {
        if (args.length < 2) {
            System.err.println("usage: JvmDriver ENGINE COMMAND ..., see bench/drivers/README.md");
            System.exit(2);
        }
        try {
            new JvmDriver(engine(args[0])).run(args[1], Arrays.copyOfRange(args, 2, args.length));
        } catch (JvmEngine.Absent absent) {
            System.out.println("absent " + absent.getMessage());
            System.exit(3);
        }
    }

    private static JvmEngine engine(String name) {
        return switch (name) {
            case "skiff" -> new SkiffPeer();
            case "endive" -> new EndivePeer();
            case "graalwasm" -> new GraalWasmPeer();
            default -> throw new IllegalArgumentException("no engine is called " + name);
        };
    }

    private void run(String command, String[] args) throws IOException {
        switch (command) {
            case "kernel", "hostcall" -> kernel(read(args[0]), number(args[1]), number(args[2]), number(args[3]));
            case "quickjs" -> quickjs(read(args[0]), read(args[1]), number(args[2]), number(args[3]));
            case "program" -> program(args, number(args[2]));
            case "start" -> start(read(args[0]), number(args[1]), number(args[2]));
            case "density" -> density(read(args[0]), number(args[1]));
            case "ready" ->
                ready(read(args[0]), args[1].equals("-") ? Optional.empty() : Optional.of(Path.of(args[1])));
            default -> throw new IllegalArgumentException("no command is called " + command);
        }
        System.exit(0); // engines may have left threads behind
    }

    private void kernel(byte[] module, int n, int warmup, int rounds) {
        JvmGuest guest = engine.instantiate(module, Optional.empty());
        System.out.println("checksum " + warm(warmup, () -> guest.call("run", n)));
        time(rounds, THREADS::getCurrentThreadCpuTime, () -> guest.call("run", n));
    }

    private void quickjs(byte[] module, byte[] script, int warmup, int rounds) {
        JvmGuest js = engine.instantiate(module, Optional.empty());
        js.call("_initialize");
        js.call("qjs_init");
        byte[] terminated = Arrays.copyOf(script, script.length + 1);
        Round evaluate = () -> {
            int at = (int) js.call("wasm_malloc", terminated.length);
            js.write(at, terminated);
            int value = (int) js.call("qjs_eval", at, script.length, at + script.length, 0);
            double number = js.callDouble("qjs_get_float64", value);
            js.call("qjs_free_value", value);
            js.call("wasm_free", at);
            return (long) number;
        };
        System.out.println("result " + warm(warmup, evaluate));
        time(rounds, THREADS::getCurrentThreadCpuTime, evaluate);
    }

    private void program(String[] args, int rounds) throws IOException {
        List<String> programArgs = new ArrayList<>(List.of(args[0]));
        programArgs.addAll(List.of(args).subList(3, args.length));
        Path out = Path.of(args[1]);
        long begin = System.nanoTime();
        JvmEngine.Command command = engine.compile(read(args[0]));
        Round run = () -> {
            try (OutputStream stdout = Files.newOutputStream(out)) {
                command.run(programArgs, stdout).close();
                return 0;
            } catch (IOException e) {
                throw new IllegalStateException("cannot write " + out, e);
            }
        };
        run.run();
        System.out.println("first " + (System.nanoTime() - begin));
        time(rounds, THREADS::getCurrentThreadCpuTime, run);
    }

    private void start(byte[] module, int warmup, int rounds) throws IOException {
        JvmEngine.Command command = engine.compile(module);
        try (OutputStream stdout = Files.newOutputStream(Path.of("/dev/null"))) {
            Round run = () -> {
                command.run(HELLO, stdout).close();
                return 0;
            };
            warm(warmup, run);
            time(rounds, System::nanoTime, run);
        }
    }

    private void density(byte[] module, int count) throws IOException {
        JvmEngine.Command command = engine.compile(module);
        List<AutoCloseable> alive = new ArrayList<>(count + 1000);
        int probe = Math.min(200, count);
        try (OutputStream stdout = Files.newOutputStream(Path.of("/dev/null"))) {
            for (int i = 0; i < 1000; i++) {
                command.run(HELLO, stdout).close(); // classes loaded, code compiled
            }
            long before = Resident.bytes();
            for (int i = 0; i < count; i++) {
                alive.add(command.run(HELLO, stdout));
                if (i == probe && (Resident.bytes() - before) / probe * count > 12L << 30) {
                    throw new JvmEngine.Absent("not enough memory for %d instances of %d KiB"
                            .formatted(count, (Resident.bytes() - before) / probe / 1024));
                }
            }
            System.out.println("bytes " + (Resident.bytes() - before) / alive.size());
        }
    }

    private void ready(byte[] module, Optional<Path> cache) {
        long begin = System.nanoTime();
        engine.instantiate(module, cache).call("getsp");
        System.out.println("nanos " + (System.nanoTime() - begin));
    }

    /** Repeats an action for some milliseconds and at least twice; returns its last result. */
    private static long warm(int millis, Round action) {
        long end = System.nanoTime() + millis * 1_000_000L;
        long result = 0;
        for (int i = 0; i < 2 || System.nanoTime() < end; i++) {
            result = action.run();
        }
        return result;
    }

    private static void time(int rounds, LongSupplier clock, Round action) {
        long[] times = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            long begin = clock.getAsLong();
            action.run();
            times[i] = clock.getAsLong() - begin;
        }
        StringBuilder text = new StringBuilder();
        for (long nanos : times) {
            text.append("nanos ").append(nanos).append('\n');
        }
        System.out.print(text);
    }

    private static byte[] read(String path) throws IOException {
        return Files.readAllBytes(Path.of(path));
    }

    private static int number(String text) {
        return Integer.parseInt(text);
    }

    /** What is timed. */
    private interface Round {
        /** Runs once; returns what the guest answered, or 0. */
        long run();
    }
}
