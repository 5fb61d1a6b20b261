package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class LinkerTest {
    private static final HostFunction NOTHING = (caller, args) -> new Object[0];

    @Test
    void aMissingImportIsNamedWithWhatExists() {
        ModuleBuilder module = new ModuleBuilder();
        module.importFunc("env", "absent", "i32 -> i64");
        Linker linker = new Linker()
                .func("env", "present", Signature.of(""), NOTHING)
                .func("env", "also_present", Signature.of(""), NOTHING);
        assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> linker.prepare(compile(module)))
                .withMessageContaining("env.absent")
                .withMessageContaining("(i32) -> (i64)")
                .withMessageContaining("present")
                .withMessageContaining("also_present");
    }

    @Test
    void everyMissingImportIsNamedAtOnce() {
        ModuleBuilder module = new ModuleBuilder();
        module.importFunc("env", "one", "");
        module.importMemory("env", "two", ModuleBuilder.from(1));
        module.importGlobal("other", "three", "i32", false);
        assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> new Linker().prepare(compile(module)))
                .withMessageContaining("env.one")
                .withMessageContaining("env.two")
                .withMessageContaining("other.three");
    }

    @Test
    void anImportOfAnotherTypeIsNamedWithBothTypes() {
        ModuleBuilder module = new ModuleBuilder();
        module.importFunc("env", "f", "i32 -> i64");
        Linker linker = new Linker().func("env", "f", Signature.of("f32"), NOTHING);
        assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> linker.prepare(compile(module)))
                .withMessageContaining("env.f")
                .withMessageContaining("(i32) -> (i64)")
                .withMessageContaining("(f32) -> ()");
    }

    @Test
    void anImportOfAnotherKindIsNamedWithBothKinds() {
        ModuleBuilder module = new ModuleBuilder();
        module.importMemory("env", "f", ModuleBuilder.from(1));
        Linker linker = new Linker().func("env", "f", Signature.of(""), NOTHING);
        assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> linker.prepare(compile(module)))
                .withMessageContaining("env.f")
                .withMessageContaining("memory")
                .withMessageContaining("func");
    }

    @Test
    void aMemoryThatIsTooSmallOrGrowsTooFarIsRefused() {
        try (Store store = store()) {
            Memory small = Memory.create(store, new MemoryType(ModuleBuilder.from(1)));
            ModuleBuilder large = new ModuleBuilder();
            large.importMemory("env", "memory", ModuleBuilder.from(2));
            ModuleBuilder bounded = new ModuleBuilder();
            bounded.importMemory("env", "memory", ModuleBuilder.range(1, 4));
            Linker linker = new Linker().define("env", "memory", small);
            for (ModuleBuilder module : new ModuleBuilder[] {large, bounded}) {
                assertThatExceptionOfType(LinkException.class)
                        .isThrownBy(() -> linker.instantiate(store, compile(module)))
                        .withMessageContaining("env.memory");
            }
            small.grow(1);
            assertThat(linker.instantiate(store, compile(large)).module()).isNotNull();
        }
    }

    @Test
    void aThingOfOneStoreDoesNotServeAnother() {
        ModuleBuilder module = new ModuleBuilder();
        module.importMemory("env", "memory", ModuleBuilder.from(1));
        try (Store mine = store();
                Store other = store()) {
            Memory memory = Memory.create(mine, new MemoryType(ModuleBuilder.from(1)));
            Linker linker = new Linker().define("env", "memory", memory);
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> linker.instantiate(other, compile(module)))
                    .withMessageContaining("env.memory");
        }
    }

    @Test
    void aNameIsOfferedOnce() {
        Linker linker = new Linker().func("env", "f", Signature.of(""), NOTHING);
        assertThat(linker.offers("env", "f")).isTrue();
        assertThat(linker.offers("env", "g")).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> linker.func("env", "f", Signature.of(""), NOTHING))
                .withMessageContaining("env.f");
    }

    @Test
    void aTemplateIsNotChangedByWhatIsAddedToItsLinkerLater() {
        ModuleBuilder module = new ModuleBuilder();
        module.func("").export("run").call(module.importFunc("env", "f", ""));
        int[] calls = new int[1];
        Linker linker = new Linker().func("env", "f", Signature.of(""), (caller, args) -> {
            calls[0]++;
            return new Object[0];
        });
        InstanceTemplate template = linker.prepare(compile(module));
        linker.func("env", "g", Signature.of(""), NOTHING);
        try (Store store = store()) {
            template.instantiate(store).call("run");
            template.instantiate(store).call("run");
        }
        assertThat(calls[0]).isEqualTo(2);
        assertThat(template.module().imports()).hasSize(1);
    }

    @Test
    void aMissingExportIsNamedWithWhatExists() {
        ModuleBuilder module = new ModuleBuilder();
        module.func("").export("start");
        module.func("").export("stop");
        module.exportMemory("memory", module.memory(ModuleBuilder.from(1)));
        try (Guest guest = Guest.start(MemoryKind.HEAP, module)) {
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> guest.run("begin"))
                    .withMessageContaining("begin")
                    .withMessageContaining("start")
                    .withMessageContaining("stop");
            assertThatExceptionOfType(LinkException.class).isThrownBy(() -> guest.run("memory"));
            assertThat(guest.instance().func("begin")).isEmpty();
            assertThat(guest.instance().func("memory")).isEmpty();
            assertThat(guest.instance().memory("memory")).isPresent();
        }
    }

    @Test
    void anInstanceWithoutAMemoryOfThatNameSaysSo() {
        try (Guest guest = Guest.start(MemoryKind.HEAP, new ModuleBuilder())) {
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(guest.instance()::memory)
                    .withMessageContaining("memory");
        }
    }

    private static Store store() {
        return new Store(Guest.engine(MemoryKind.HEAP), Limits.DEFAULT);
    }

    private static Module compile(ModuleBuilder module) {
        return Guest.compile(MemoryKind.HEAP, module);
    }
}
