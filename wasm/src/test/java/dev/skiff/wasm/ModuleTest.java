package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.wasm.internal.binary.Op;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ModuleTest {
    private final Engine engine = Guest.engine(MemoryKind.HEAP);

    @Test
    void aModuleDescribesItself() throws Exception {
        byte[] binary = example().build();

        Module module = engine.compile(binary);

        assertThat(module.name()).hasValue("example");
        assertThat(module.imports())
                .extracting(ImportType::toString)
                .containsExactly("env.f: (i32) -> ()", "env.g: global mut i64");
        assertThat(module.exports())
                .extracting(ExportType::toString)
                .containsExactly("memory: memory 1..2 pages", "table: table 3.. funcref", "run: () -> (i32, i32)");
        assertThat(module.definedFunctions()).isEqualTo(1);
        assertThat(module.size()).isEqualTo(binary.length);
        assertThat(module.digest())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(binary)));
        assertThat(module.fromCodeCache()).isFalse();
    }

    @Test
    void aModuleSaysWhichFeaturesItUses() {
        assertThat(engine.compile(example().build()).features())
                .contains(Feature.MULTI_VALUE, Feature.MUTABLE_GLOBALS, Feature.SIGN_EXTENSION)
                .doesNotContain(Feature.TAIL_CALLS, Feature.EXCEPTIONS, Feature.MULTI_MEMORY)
                .allMatch(Feature::supported);
        assertThat(engine.compile(new ModuleBuilder().build()).features()).isEmpty();
    }

    @Test
    void aModuleListsItsSectionsWithTheirPlaces() {
        byte[] binary = example().build();

        Module module = engine.compile(binary);

        assertThat(module.sections())
                .extracting(Module.Section::name)
                .containsExactly("type", "import", "function", "table", "memory", "export", "code", "name");
        long end = 8;
        for (Module.Section section : module.sections()) {
            assertThat(section.offset()).isBetween(end + 2, end + 6);
            end = section.offset() + section.size();
        }
        assertThat(end).isEqualTo(binary.length);
        assertThat(module.sections().get(1).entries()).isEqualTo(OptionalInt.of(2));
        assertThat(module.sections().getLast().id()).isZero();
    }

    @Test
    void whatIsNoModuleIsMalformed() {
        for (byte[] bytes : new byte[][] {{}, {0}, "not a module".getBytes(StandardCharsets.UTF_8)}) {
            assertThatExceptionOfType(MalformedModuleException.class).isThrownBy(() -> engine.compile(bytes));
        }
    }

    @Test
    void everyTruncationOfAModuleIsMalformed() {
        byte[] binary = example().build();
        int valid = 0;
        for (int length = 0; length < binary.length; length++) {
            byte[] truncated = Arrays.copyOf(binary, length);
            try {
                engine.compile(truncated);
                valid++;
            } catch (MalformedModuleException e) {
                assertThat(e.offset()).isBetween(0L, (long) length);
            }
        }
        assertThat(valid).as("those that end between sections").isLessThan(6);
    }

    @Test
    void aComponentIsRefusedByItsFeature() {
        byte[] component = {0, 'a', 's', 'm', 0x0d, 0, 1, 0};
        assertThatExceptionOfType(UnsupportedFeatureException.class)
                .isThrownBy(() -> engine.compile(component))
                .satisfies(e -> assertThat(e.feature()).isEqualTo(Feature.COMPONENT_MODEL));
    }

    @Test
    void anInvalidModuleNamesTheFunctionTheRuleAndTheOffset() {
        ModuleBuilder module = new ModuleBuilder();
        module.func("");
        FuncBuilder broken = module.func("-> i32");
        broken.f32(1);
        broken.mark("add").op(Op.I32_EQZ);
        byte[] binary = module.build();
        assertThatExceptionOfType(InvalidModuleException.class)
                .isThrownBy(() -> engine.compile(binary))
                .withMessageContaining("function 1")
                .withMessageContaining("i32")
                .withMessageContaining("f32")
                .satisfies(e -> assertThat(e.offset()).isEqualTo(module.offsetOf("add")));
    }

    @Test
    void aModuleThatNeedsVectorsIsRefusedByFeature() {
        ModuleBuilder module = new ModuleBuilder();
        module.func("").op(0xFD00C).i64(0).op(Op.DROP);
        assertThatExceptionOfType(UnsupportedFeatureException.class)
                .isThrownBy(() -> engine.compile(module.build()))
                .withMessageContaining("vector instructions")
                .satisfies(e -> assertThat(e.feature()).isEqualTo(Feature.SIMD));
    }

    private static ModuleBuilder example() {
        ModuleBuilder module = new ModuleBuilder().named("example");
        module.importFunc("env", "f", "i32");
        module.importGlobal("env", "g", "i64", true);
        module.exportMemory("memory", module.memory(ModuleBuilder.range(1, 2)));
        module.exportTable("table", module.table("funcref", ModuleBuilder.from(3)));
        module.func("-> i32 i32").export("run").i32(1).op(Op.I32_EXTEND8_S).i32(2);
        return module;
    }
}
