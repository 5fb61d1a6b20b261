package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.StackWalker.Option;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is no longer reachable is collected, generated classes too. */
class UnloadingTest {
    private static final StackWalker WALKER =
            StackWalker.getInstance(Set.of(Option.RETAIN_CLASS_REFERENCE, Option.SHOW_HIDDEN_FRAMES));

    @ParameterizedTest
    @EnumSource
    void theClassesOfAModuleThatIsUnreachableAreUnloaded(MemoryKind kind) throws Exception {
        List<WeakReference<?>> garbage = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            garbage.addAll(useOnce(kind));
        }
        assertThat(garbage).hasSizeGreaterThanOrEqualTo(40);
        assertCollected(garbage);
    }

    @ParameterizedTest
    @EnumSource
    void anEngineThatIsClosedKeepsNothing(MemoryKind kind) throws Exception {
        assertCollected(useEngineOnce(kind));
    }

    @ParameterizedTest
    @EnumSource
    void aStoreThatWasNotClosedIsCollectedToo(MemoryKind kind) throws Exception {
        ModuleBuilder builder = new ModuleBuilder();
        builder.memory(ModuleBuilder.from(16));
        Module module = Guest.compile(kind, builder);
        List<WeakReference<?>> garbage = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Store store = new Store(Guest.engine(kind), Limits.DEFAULT);
            garbage.add(new WeakReference<>(new Linker().instantiate(store, module)));
            garbage.add(new WeakReference<>(store));
        }
        assertCollected(garbage);
    }

    private static List<WeakReference<?>> useEngineOnce(MemoryKind kind) {
        try (Engine engine = Engine.builder().memoryKind(kind).build()) {
            Module module = engine.compile(new ModuleBuilder().build());
            return List.of(new WeakReference<>(module), new WeakReference<>(engine));
        }
    }

    /** Runs a module that nothing keeps; gives references to it and to the classes of its code. */
    private static List<WeakReference<?>> useOnce(MemoryKind kind) {
        ModuleBuilder builder = new ModuleBuilder();
        int look = builder.importFunc("host", "look", "");
        builder.memory(ModuleBuilder.from(1));
        builder.func("").export("run").call(look);
        Module module = Guest.compile(kind, builder);
        List<WeakReference<?>> references = new ArrayList<>();
        references.add(new WeakReference<>(module));
        Linker linker = new Linker().func("host", "look", Signature.of(""), (caller, args) -> {
            references.addAll(generatedClassesOnTheStack());
            return new Object[0];
        });
        try (Guest guest = Guest.start(module, Guest.engine(kind), Limits.DEFAULT, linker)) {
            guest.run("run");
        }
        return references;
    }

    private static List<WeakReference<?>> generatedClassesOnTheStack() {
        return WALKER.walk(frames -> frames.<Class<?>>map(StackWalker.StackFrame::getDeclaringClass)
                .filter(type -> type.getClassLoader() != null)
                .filter(type -> type.getClassLoader() != UnloadingTest.class.getClassLoader())
                .distinct()
                .map(WeakReference::new)
                .collect(Collectors.toList()));
    }

    private static void assertCollected(List<WeakReference<?>> references) throws InterruptedException {
        for (int i = 0; i < 100 && references.stream().anyMatch(r -> r.get() != null); i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(references)
                .allSatisfy(reference -> assertThat(reference.get()).isNull());
    }
}
