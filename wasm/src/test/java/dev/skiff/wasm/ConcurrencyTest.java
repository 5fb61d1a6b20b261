package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.internal.binary.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Engines, modules and templates are shared by threads; stores are not. */
class ConcurrencyTest {
    private static final int FUNCTIONS = 200;

    @ParameterizedTest
    @EnumSource
    void oneModuleRunsInManyThreadsAtOnce(MemoryKind kind) throws Exception {
        for (int round = 0; round < 5; round++) {
            InstanceTemplate template = new Linker().prepare(Guest.compile(kind, module()));
            atOnce(64, () -> {
                try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT.withFuel(1L << 40))) {
                    Instance instance = template.instantiate(store);
                    for (int function = 0; function < FUNCTIONS; function++) {
                        assertThat(instance.call("f" + function, 10)).containsExactly(expected(function, 10));
                    }
                    assertThat(instance.call("memory", 5)).containsExactly(5 * FUNCTIONS);
                    return store.fuelLeft().orElseThrow();
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneEngineCompilesInManyThreadsAtOnce(MemoryKind kind) throws Exception {
        byte[] binary = module().build();
        List<String> digests = atOnce(16, () -> {
            Module module = Guest.engine(kind).compile(binary);
            try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
                assertThat(new Linker().instantiate(store, module).call("f7", 3))
                        .containsExactly(expected(7, 3));
            }
            return module.digest();
        });
        assertThat(digests).containsOnly(digests.getFirst());
    }

    @ParameterizedTest
    @EnumSource
    void aStoreMayMoveFromThreadToThread(MemoryKind kind) throws Exception {
        try (Guest guest = Guest.start(kind, module());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 1; i <= 50; i++) {
                int call = i;
                Future<Object> result = threads.submit(() -> guest.call("f3", call));
                assertThat(result.get()).isEqualTo(expected(3, call));
            }
        }
    }

    /** Runs an action in so many threads, which start together; gives their results or fails as the first that failed. */
    private static <T> List<T> atOnce(int threads, Callable<T> action) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        List<Future<T>> futures = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < threads; i++) {
                futures.add(executor.submit(() -> {
                    start.await();
                    return action.call();
                }));
            }
            start.countDown();
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }

    private static int expected(int function, int n) {
        int sum = function;
        for (int i = n; i > 0; i--) {
            sum = sum * 31 + i + (i - 1);
        }
        return sum;
    }

    /** Functions {@code f0} to {@code f199} that loop and call a helper, and one that writes to memory. */
    private static ModuleBuilder module() {
        ModuleBuilder module = new ModuleBuilder();
        module.memory(ModuleBuilder.from(1));
        FuncBuilder helper = module.func("i32 -> i32");
        helper.get(0).i32(1).op(Op.I32_SUB);
        for (int function = 0; function < FUNCTIONS; function++) {
            FuncBuilder f = module.func("i32 -> i32").export("f" + function);
            int sum = f.local("i32");
            f.i32(function).set(sum).loop("");
            f.get(sum)
                    .i32(31)
                    .op(Op.I32_MUL)
                    .get(0)
                    .op(Op.I32_ADD)
                    .get(0)
                    .call(helper)
                    .op(Op.I32_ADD)
                    .set(sum);
            f.get(0).i32(1).op(Op.I32_SUB).tee(0).brIf(0).end().get(sum);
        }
        FuncBuilder memory = module.func("i32 -> i32").export("memory");
        int i = memory.local("i32");
        memory.loop("")
                .i32(64)
                .i32(64)
                .mem(Op.I32_LOAD, 0)
                .get(0)
                .op(Op.I32_ADD)
                .mem(Op.I32_STORE, 0);
        memory.get(i)
                .i32(1)
                .op(Op.I32_ADD)
                .tee(i)
                .i32(FUNCTIONS)
                .op(Op.I32_LT_U)
                .brIf(0)
                .end();
        memory.i32(64).mem(Op.I32_LOAD, 0);
        return module;
    }
}
