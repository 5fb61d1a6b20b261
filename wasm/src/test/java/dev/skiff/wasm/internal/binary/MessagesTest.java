package dev.skiff.wasm.internal.binary;

import static dev.skiff.wasm.internal.binary.ModuleBytes.body;
import static dev.skiff.wasm.internal.binary.ModuleBytes.bytes;
import static dev.skiff.wasm.internal.binary.ModuleBytes.join;
import static dev.skiff.wasm.internal.binary.ModuleBytes.name;
import static dev.skiff.wasm.internal.binary.ModuleBytes.oneFunction;
import static dev.skiff.wasm.internal.binary.ModuleBytes.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.InvalidModuleException;
import dev.skiff.wasm.MalformedModuleException;
import dev.skiff.wasm.ModuleException;
import dev.skiff.wasm.UnsupportedFeatureException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessagesTest {
    @Test
    void operandOfTheWrongTypeIsNamedWithInstructionFunctionAndOffset() {
        byte[] module = oneFunction(0x20, 0, 0x43, 0, 0, 0, 0, 0x6A).toBytes();

        ModuleException error = error(module);

        assertThat(error)
                .isInstanceOf(InvalidModuleException.class)
                .hasMessage("the module is invalid at offset 0x20 in the code section, function 0: type mismatch: "
                        + "i32.add needs an operand of type i32, and finds f32");
        assertThat(error.offset()).isEqualTo(0x20);
        assertThat(module[0x20]).isEqualTo((byte) Op.I32_ADD);
    }

    @Test
    void functionsHaveTheirNamesInMessages() {
        byte[] names = join(bytes(1, 0), name("ma\u001Bin"));
        byte[] module = oneFunction(0x1A)
                .custom("name", bytes(1), u32(names.length), names)
                .toBytes();

        assertThat(error(module))
                .hasMessage("the module is invalid at offset 0x19 in the code section, function 0 \"ma\uFFFDin\": type "
                        + "mismatch: drop needs an operand, and the stack of its block is empty");
    }

    @Test
    void fileThatIsNoWebAssembly() {
        assertThat(error(bytes('#', '!', '/', 'b', 'i', 'n', '/', 's', 'h')))
                .isInstanceOf(MalformedModuleException.class)
                .hasMessage("the module is malformed at offset 0x0: magic header not detected: a WebAssembly binary "
                        + "starts with the bytes 00 61 73 6d");
        assertThat(error(bytes())).hasMessageContaining("unexpected end: a WebAssembly binary has more than 0 bytes");
    }

    @Test
    void truncatedFile() {
        byte[] whole = oneFunction(0x20, 0).toBytes();

        assertThat(error(java.util.Arrays.copyOf(whole, whole.length - 2)))
                .isInstanceOf(MalformedModuleException.class)
                .hasMessage("the module is malformed at offset 0x14: length out of bounds (unexpected end): section 10 "
                        + "has 6 bytes by its header, but only 4 are left");
    }

    @Test
    void otherVersions() {
        byte[] version = bytes(0, 'a', 's', 'm', 2, 0, 0, 0);
        byte[] component = bytes(0, 'a', 's', 'm', 0x0D, 0, 1, 0);

        assertThat(error(version)).hasMessageContaining("unknown binary version 0x2");
        assertThat(error(component))
                .isInstanceOfSatisfying(
                        UnsupportedFeatureException.class,
                        e -> assertThat(e.feature()).isEqualTo(Feature.COMPONENT_MODEL));
    }

    @Test
    void leftOverOperands() {
        assertThat(error(oneFunction(0x20, 0, 0x20, 0).toBytes()))
                .hasMessageContaining(
                        "type mismatch: at the end of a block with the results (i32) the stack has 1 more");
    }

    @Test
    void unknownIndicesSayWhatThereIs() {
        assertThat(error(oneFunction(0x20, 5).toBytes()))
                .hasMessageContaining("unknown local 5 in local.get; the last one is 0");
        assertThat(error(oneFunction(0x23, 1).toBytes()))
                .hasMessageContaining("unknown global 1 in global.get; there are none");
        assertThat(error(oneFunction(0x41, 0, 0x28, 2, 0).toBytes()))
                .hasMessageContaining("unknown memory 0 in i32.load; there are none");
    }

    @Test
    void functionReferencesHaveToBeDeclared() {
        assertThat(error(oneFunction(0xD2, 0, 0x1A, 0x20, 0).toBytes()))
                .hasMessageContaining("undeclared function reference: function 0");
    }

    @Test
    void duplicateExports() {
        byte[] module = new ModuleBytes()
                .section(5, bytes(1, 0, 1))
                .section(7, bytes(2), name("m"), bytes(2, 0), name("m"), bytes(2, 0))
                .toBytes();

        assertThat(error(module))
                .hasMessage("the module is invalid at offset 0x14 in the export section: duplicate export name \"m\"");
    }

    @ParameterizedTest
    @CsvSource({
        "0x06, LEGACY_EXCEPTIONS",
        "0x09, LEGACY_EXCEPTIONS",
        "0x18, LEGACY_EXCEPTIONS",
        "0x14, TYPED_FUNCTION_REFERENCES",
        "0xD4, TYPED_FUNCTION_REFERENCES",
        "0xD3, GC",
        "0xFB, GC",
        "0xFD, SIMD",
        "0xFE, THREADS",
        "0xE0, STACK_SWITCHING"
    })
    void instructionsOfMissingFeaturesAreNamed(int opcode, Feature feature) {
        assertThat(error(oneFunction(opcode, 0, 0).toBytes()))
                .isInstanceOfSatisfying(
                        UnsupportedFeatureException.class,
                        e -> assertThat(e.feature()).isEqualTo(feature))
                .hasMessageContaining("function 0")
                .hasMessageContaining("offset 0x19");
    }

    @Test
    void instructionsOfMissingFeaturesBehindPrefixes() {
        assertThat(error(oneFunction(0xFC, 19).toBytes())).hasMessageContaining("needs wide arithmetic");
        assertThat(error(oneFunction(0xFD, 0x80, 0x02).toBytes())).hasMessageContaining("relaxed vector instructions");
        assertThat(error(oneFunction(0xFC, 0x80, 0x01).toBytes()))
                .isInstanceOf(MalformedModuleException.class)
                .hasMessageContaining("illegal opcode 0xfc 0x80");
    }

    @Test
    void typesOfMissingFeaturesAreNamed() {
        assertThat(error(
                        new ModuleBytes().section(1, bytes(1, 0x60, 1, 0x7B, 0)).toBytes()))
                .hasMessage("the module needs vector instructions (type v128 in the type section at offset 0xd), which "
                        + "this engine does not support");
        assertThat(error(new ModuleBytes().section(1, bytes(1, 0x5F, 0)).toBytes()))
                .hasMessageContaining("garbage");
        assertThat(error(new ModuleBytes().section(5, bytes(1, 3, 1, 1)).toBytes()))
                .hasMessageContaining("threads");
        assertThat(error(new ModuleBytes().section(5, bytes(1, 4, 1)).toBytes()))
                .hasMessageContaining("64-bit");
        assertThat(error(new ModuleBytes().section(5, bytes(1, 8, 1, 0)).toBytes()))
                .hasMessageContaining("page sizes");
        assertThat(error(
                        new ModuleBytes().section(4, bytes(1, 0x64, 0x70, 0, 0)).toBytes()))
                .hasMessageContaining("typed function references");
    }

    @Test
    void sectionsOutOfOrder() {
        byte[] module =
                new ModuleBytes().section(5, bytes(0)).section(1, bytes(0)).toBytes();

        assertThat(error(module))
                .hasMessage("the module is malformed at offset 0xb: unexpected content after last section: the type "
                        + "section must come before the memory section");
    }

    @Test
    void instructionsBehindTheEndOfABody() {
        byte[] module = new ModuleBytes()
                .section(1, bytes(1, 0x60, 0, 0))
                .section(3, bytes(1, 0))
                .section(10, bytes(1), body(bytes(0), bytes(0x0B, 0x01)))
                .toBytes();

        assertThat(error(module)).hasMessageContaining("section size mismatch: the instructions end 2 bytes before");
    }

    private static ModuleException error(byte[] module) {
        return catchThrowableOfType(ModuleException.class, () -> ModuleDecoder.decode(module));
    }
}
