package dev.skiff.wasm.huge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.Guest;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.Memory;
import dev.skiff.wasm.MemoryKind;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.Store;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.WasmException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Functions generated at random, from small ones to those of 100,000 instructions that are split into many methods,
 * compute the same as {@link Model}: results, traps with their places, exceptions, globals and memory.
 */
class RandomProgramTest {
    private static final Object OBJECT = "object";
    private static final Object[][] ARGUMENTS = {
        {0, 0L, 0f, 0.0, null},
        {-1, 123_456_789_012L, 1.5f, -2.25, OBJECT},
        {0x5bd1_e995, -3L, -0f, 1e300, OBJECT},
        {7, Long.MIN_VALUE, 1e30f, 0.1, null},
    };
    private static final long MAX_STEPS = 3_000_000;
    private static final Limits LIMITS =
            Limits.DEFAULT.withStackBytes(512L << 20).withFuel(1L << 50).withMaxInstances(10);

    @TestFactory
    Stream<DynamicTest> smallFunctions() {
        return all(150, 0, 40);
    }

    @TestFactory
    Stream<DynamicTest> mediumFunctions() {
        return all(4_000, 100, 8);
    }

    @TestFactory
    Stream<DynamicTest> largeFunctions() {
        return all(30_000, 200, 2);
    }

    @TestFactory
    @Tag("campaign")
    Stream<DynamicTest> hugeFunctions() {
        return all(120_000, 300, 4);
    }

    @TestFactory
    @Tag("campaign")
    Stream<DynamicTest> manySmallAndMediumFunctions() {
        return Stream.concat(all(200, 1_000, 400), all(3_000, 2_000, 60));
    }

    private static Stream<DynamicTest> all(int instructions, int firstSeed, int count) {
        return Stream.of(
                        tests("wide", Profile::wide, instructions, firstSeed, count),
                        tests("deep", Profile::deep, instructions, firstSeed, count),
                        tests("bushy", Profile::bushy, instructions, firstSeed, count),
                        tests("stacky", Profile::stacky, instructions, firstSeed, count),
                        tests("localy", Profile::localy, instructions, firstSeed, count))
                .flatMap(tests -> tests);
    }

    private static Stream<DynamicTest> tests(
            String shape, IntFunction<Profile> profile, int instructions, int firstSeed, int count) {
        return IntStream.range(firstSeed, firstSeed + count).mapToObj(seed -> {
            String name = shape + " " + instructions + " seed " + seed;
            return DynamicTest.dynamicTest(
                    name, () -> onLargeStack(() -> check(name, profile.apply(instructions), seed)));
        });
    }

    private static void check(String name, Profile profile, long seed) {
        Program program = ProgramGenerator.generate(profile, seed);
        Emitter emitter = new Emitter(program);
        try {
            List<Run> models = new ArrayList<>();
            for (Object[] args : ARGUMENTS) {
                models.add(model(program, emitter, args));
            }
            Set<Long> fuel = new HashSet<>();
            for (MemoryKind kind : MemoryKind.values()) {
                fuel.add(compare(kind, emitter.binary(), models));
            }
            assertThat(fuel).as("fuel used").hasSize(1);
        } catch (Throwable e) {
            keep(name, emitter.binary());
            throw e;
        }
    }

    /** Runs the module with all arguments, more than once so that state left by a run shows; gives the fuel used. */
    private static long compare(MemoryKind kind, byte[] binary, List<Run> models) {
        Engine engine = Guest.engine(kind);
        Module module = engine.compile(binary);
        Linker linker = new Linker().func("host", "sum", Helper.HOST.type(), (caller, args) ->
                new Object[] {(Integer) args[0] + (Long) args[1]});
        try (Store store = new Store(engine, LIMITS)) {
            Instance instance = linker.instantiate(store, module);
            for (int round = 0; round < 2; round++) {
                for (Run model : models) {
                    Run run = run(instance, model);
                    assertThat(run)
                            .as("arguments %s, round %d, %s", model.args, round, kind)
                            .isEqualTo(model);
                    instance.reset();
                }
            }
            return store.fuelLeft().orElseThrow();
        }
    }

    /**
     * A run and all that can be seen of it.
     *
     * @param outcome results, or a trap's code and offset, or an exception's payload
     */
    private record Run(List<Object> args, int gas, List<Object> outcome, List<Object> globals, List<Byte> memory) {}

    private static Run model(Program program, Emitter emitter, Object[] args) {
        for (int gas = 2_000; ; gas = gas / 4) {
            Model model = new Model(program, gas, MAX_STEPS);
            List<Object> outcome;
            try {
                outcome = Arrays.asList(model.call(args));
            } catch (Trap trap) {
                outcome = List.of(trap.code(), emitter.offsetOf(model.trapped()));
            } catch (Model.Thrown thrown) {
                outcome = new ArrayList<>(List.of("thrown"));
                outcome.addAll(thrown.payload());
            } catch (Model.TooLongException e) {
                if (gas > 0) {
                    continue;
                }
                throw e;
            }
            return new Run(Arrays.asList(args), gas, outcome, Arrays.asList(model.globals()), bytes(model.memory()));
        }
    }

    private static Run run(Instance instance, Run model) {
        instance.global("g" + Program.GAS).orElseThrow().set(model.gas);
        List<Object> outcome = instance.store().runOnGuestThread(() -> {
            try {
                return Arrays.asList(instance.call("run", model.args.toArray()));
            } catch (Trap trap) {
                return List.of(trap.code(), trap.backtrace().getFirst().offset());
            } catch (WasmException thrown) {
                List<Object> values = new ArrayList<>(List.of("thrown"));
                values.addAll(thrown.payload());
                return values;
            }
        });
        List<Object> globals = IntStream.range(0, Program.GLOBALS.size())
                .mapToObj(i -> instance.global("g" + i).orElseThrow().get())
                .toList();
        Memory memory = instance.memory();
        return new Run(model.args, model.gas, outcome, globals, bytes(memory.read(0, Program.MEMORY + 64)));
    }

    private static List<Byte> bytes(byte[] bytes) {
        List<Byte> list = new ArrayList<>(bytes.length);
        for (byte b : bytes) {
            list.add(b);
        }
        return list;
    }

    /** Keeps the module of a failed test for whoever looks into it. */
    private static void keep(String name, byte[] binary) {
        Path file = Path.of("target", "failed-" + name.replace(' ', '-') + ".wasm");
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, binary);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The model needs a large stack, as it calls itself for each block. */
    private static void onLargeStack(Runnable action) throws Throwable {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        action.run();
                    } catch (Throwable e) {
                        failure.set(e);
                    }
                },
                "model",
                1L << 30);
        thread.start();
        thread.join();
        if (failure.get() != null) {
            throw failure.get();
        }
    }
}
