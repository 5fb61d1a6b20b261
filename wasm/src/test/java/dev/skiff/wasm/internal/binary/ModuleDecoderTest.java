package dev.skiff.wasm.internal.binary;

import static dev.skiff.wasm.internal.binary.ModuleBytes.body;
import static dev.skiff.wasm.internal.binary.ModuleBytes.bytes;
import static dev.skiff.wasm.internal.binary.ModuleBytes.join;
import static dev.skiff.wasm.internal.binary.ModuleBytes.name;
import static dev.skiff.wasm.internal.binary.ModuleBytes.oneFunction;
import static dev.skiff.wasm.internal.binary.ModuleBytes.repeat;
import static dev.skiff.wasm.internal.binary.ModuleBytes.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.InvalidModuleException;
import dev.skiff.wasm.MalformedModuleException;
import dev.skiff.wasm.Module.Section;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.internal.binary.ModuleData.LocalRun;
import dev.skiff.wasm.internal.binary.ModuleData.Range;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModuleDecoderTest {
    private static final byte[] TWO_TYPES = bytes(2, 0x60, 0, 0, 0x60, 0, 0);

    @Test
    void emptyModuleHasNothing() {
        ModuleData module = ModuleDecoder.decode(new ModuleBytes().toBytes());

        assertThat(module.functions()).isEmpty();
        assertThat(module.sections()).isEmpty();
        assertThat(module.start()).isEmpty();
        assertThat(module.features()).isEmpty();
        assertThat(module.names()).isEqualTo(new ModuleData.Names(Optional.empty(), Map.of()));
    }

    @Test
    void equalTypesAreTheSameObject() {
        ModuleData module = ModuleDecoder.decode(new ModuleBytes()
                .section(1, TWO_TYPES)
                .section(3, bytes(2, 0, 1))
                .section(10, bytes(2), body(bytes(0), bytes()), body(bytes(0), bytes()))
                .toBytes());

        assertThat(module.functions().get(0)).isSameAs(module.functions().get(1));
    }

    @Test
    void bodyHasItsLocalsAndRange() {
        ModuleData module = ModuleDecoder.decode(new ModuleBytes()
                .section(1, bytes(1, 0x60, 1, 0x7F, 0))
                .section(3, bytes(1, 0))
                .section(10, bytes(1), body(bytes(3, 2, 0x7E, 0, 0x7D, 1, 0x7C), bytes(0x01)))
                .toBytes());

        ModuleData.Code code = module.code().get(0);
        assertThat(code.locals()).containsExactly(new LocalRun(2, NumType.I64), new LocalRun(1, NumType.F64));
        assertThat(code.body()).isEqualTo(new Range(30, 32));
        assertThat(module.binary()[code.body().start()]).isEqualTo((byte) Op.NOP);
    }

    @Test
    void localsBeyondTheFirstFewHaveTheirTypes() {
        // 100 i32, 1 i64, 100 f32 and the parameter: local.get of 0, 100, 101 and 201, each converted to i32.
        byte[] locals = bytes(3, 100, 0x7F, 1, 0x7E, 100, 0x7D);
        byte[] code = bytes(
                0x20, 0, 0x1A, 0x20, 100, 0x1A, 0x20, 101, 0xA7, 0x1A, 0x20, 102, 0xA8, 0x1A, 0x20, 0xC9, 1, 0xA8);
        byte[] module = new ModuleBytes()
                .section(1, bytes(1, 0x60, 1, 0x7F, 1, 0x7F))
                .section(3, bytes(1, 0))
                .section(10, bytes(1), body(locals, code))
                .toBytes();

        assertThat(ModuleDecoder.decode(module).code().get(0).locals()).hasSize(3);
    }

    @Test
    void sectionsAreListed() {
        byte[] module = new ModuleBytes()
                .custom("first", bytes(1, 2))
                .section(1, TWO_TYPES)
                .section(5, bytes(1, 0, 1))
                .section(12, bytes(0))
                .toBytes();

        assertThat(ModuleDecoder.decode(module).sections())
                .containsExactly(
                        new Section(0, "first", 10, 8, OptionalInt.empty()),
                        new Section(1, "type", 20, 7, OptionalInt.of(2)),
                        new Section(5, "memory", 29, 3, OptionalInt.of(1)),
                        new Section(12, "data count", 34, 1, OptionalInt.empty()));
    }

    @Test
    void featuresAreFound() {
        byte[] signExtension = oneFunction(0x20, 0, 0xC0).toBytes();
        byte[] saturating = oneFunction(0x43, 0, 0, 0, 0, 0xFC, 0).toBytes();
        byte[] tailCall = oneFunction(0x20, 0, 0x12, 0).toBytes();
        byte[] blockType = oneFunction(0x20, 0, 0x02, 0, 0x0B).toBytes();
        byte[] memories = new ModuleBytes().section(5, bytes(2, 0, 1, 0, 1)).toBytes();
        byte[] tag = new ModuleBytes()
                .section(1, TWO_TYPES)
                .section(13, bytes(1, 0, 1))
                .toBytes();
        byte[] global = new ModuleBytes()
                .section(6, bytes(1, 0x7F, 0, 0x41, 1, 0x41, 1, 0x6A, 0x0B))
                .toBytes();

        assertThat(ModuleDecoder.decode(signExtension).features()).isEqualTo(Set.of(Feature.SIGN_EXTENSION));
        assertThat(ModuleDecoder.decode(saturating).features()).isEqualTo(Set.of(Feature.SATURATING_CONVERSION));
        assertThat(ModuleDecoder.decode(tailCall).features()).isEqualTo(Set.of(Feature.TAIL_CALLS));
        assertThat(ModuleDecoder.decode(blockType).features()).isEqualTo(Set.of(Feature.MULTI_VALUE));
        assertThat(ModuleDecoder.decode(memories).features()).isEqualTo(Set.of(Feature.MULTI_MEMORY));
        assertThat(ModuleDecoder.decode(tag).features()).isEqualTo(Set.of(Feature.EXCEPTIONS));
        assertThat(ModuleDecoder.decode(global).features()).isEqualTo(Set.of(Feature.EXTENDED_CONST));
    }

    @Test
    void trustedBytesAreNotValidatedInTheirBodies() {
        byte[] module = oneFunction(0x1A, 0x1A).toBytes();

        assertThat(ModuleDecoder.decode(module, false).code()).hasSize(1);
        assertThatThrownBy(() -> ModuleDecoder.decode(module)).isInstanceOf(InvalidModuleException.class);
    }

    @Test
    void dataSegmentsKnowTheirPlaces() {
        byte[] module = new ModuleBytes()
                .section(5, bytes(1, 0, 1))
                .section(11, bytes(2, 0, 0x41, 8, 0x0B, 3, 'a', 'b', 'c', 1, 1, 'z'))
                .toBytes();

        assertThat(ModuleDecoder.decode(module).data())
                .containsExactly(
                        new ModuleData.Data(
                                ModuleData.Mode.ACTIVE, 0, Optional.of(new Range(17, 20)), new Range(21, 24)),
                        new ModuleData.Data(ModuleData.Mode.PASSIVE, 0, Optional.empty(), new Range(26, 27)));
    }

    @Test
    void nameSectionNamesModuleAndFunctions() {
        byte[] functionNames = join(bytes(2, 0), name("main"), bytes(1), name("größe"));
        byte[] module = new ModuleBytes()
                .custom("name", bytes(0, 4), name("mod"), bytes(1), u32(functionNames.length), functionNames)
                .toBytes();

        ModuleData.Names names = ModuleDecoder.decode(module).names();

        assertThat(names.module()).contains("mod");
        assertThat(names.functions()).isEqualTo(Map.of(0, "main", 1, "größe"));
        assertThat(names.functions().get(7)).isNull();
    }

    @Test
    void brokenNameSectionsAreIgnored() {
        byte[] subsectionTooLong =
                new ModuleBytes().custom("name", bytes(1, 50, 1)).toBytes();
        byte[] listTooLong =
                new ModuleBytes().custom("name", bytes(1, 3, 9, 0, 0)).toBytes();
        byte[] oneNameNotUtf8 = new ModuleBytes()
                .custom("name", bytes(1, 7, 2, 0, 1, 0xFF, 1, 1, 'x'))
                .toBytes();

        assertThat(ModuleDecoder.decode(subsectionTooLong).names().functions()).isEmpty();
        assertThat(ModuleDecoder.decode(listTooLong).names().functions()).isEmpty();
        assertThat(ModuleDecoder.decode(oneNameNotUtf8).names().functions()).isEqualTo(Map.of(1, "x"));
    }

    @Test
    void theErrorOfTheFirstInvalidFunctionIsThrownHoweverManyThreadsValidate() {
        byte[] valid = body(bytes(0), repeat(bytes(0x41, 0, 0x1A), 100));
        byte[] invalid = body(bytes(0), bytes(0x1A));
        int count = 2_000;
        byte[][] bodies = new byte[count][];
        for (int i = 0; i < count; i++) {
            bodies[i] = i == 700 || i == 701 || i > 1_990 ? invalid : valid;
        }
        byte[] module = new ModuleBytes()
                .section(1, bytes(1, 0x60, 0, 0))
                .section(3, u32(count), new byte[count])
                .section(10, u32(count), join(bodies))
                .toBytes();

        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> ModuleDecoder.decode(module))
                    .isInstanceOf(InvalidModuleException.class)
                    .hasMessageContaining("function 700:");
        }
    }

    @Test
    void declaredNumbersAreCheckedAgainstTheBytesLeft() {
        for (int id : new int[] {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13}) {
            byte[] module = new ModuleBytes().section(id, u32(-1)).toBytes();
            assertThatThrownBy(() -> ModuleDecoder.decode(module))
                    .as("section " + id)
                    .isInstanceOf(MalformedModuleException.class)
                    .hasMessageContaining("4294967295");
        }
    }

    @Test
    void deepNestingIsRefusedAndNotOverflown() {
        byte[] open = repeat(bytes(0x02, 0x40), 60_000);
        byte[] module = new ModuleBytes()
                .section(1, bytes(1, 0x60, 0, 0))
                .section(3, bytes(1, 0))
                .section(10, bytes(1), body(bytes(0), join(open, repeat(bytes(0x0B), 60_000))))
                .toBytes();

        assertThatThrownBy(() -> ModuleDecoder.decode(module))
                .isInstanceOf(InvalidModuleException.class)
                .hasMessageContaining("50000 blocks within each other");
    }

    @Test
    void manyOperandsAreRefused() {
        byte[] module = new ModuleBytes()
                .section(1, bytes(1, 0x60, 0, 0))
                .section(3, bytes(1, 0))
                .section(10, bytes(1), body(bytes(0), repeat(bytes(0x41, 0), 100_001)))
                .toBytes();

        assertThatThrownBy(() -> ModuleDecoder.decode(module))
                .isInstanceOf(InvalidModuleException.class)
                .hasMessageContaining("100000 operands");
    }

    @Test
    void fewBytesThatTakeManyOperandsAreRefused() {
        byte[] parameters = join(bytes(0x60), u32(1_000), repeat(bytes(0x7F), 1_000), bytes(0));
        byte[] module = new ModuleBytes()
                .section(1, bytes(1), parameters)
                .section(3, bytes(1, 0))
                .section(10, bytes(1), body(bytes(0), join(bytes(0x00), repeat(bytes(0x10, 0), 1_000))))
                .toBytes();

        assertThatThrownBy(() -> ModuleDecoder.decode(module))
                .isInstanceOf(InvalidModuleException.class)
                .hasMessageContaining("64 operands for each byte");
    }

    @Test
    void manyLocalsAreRefused() {
        byte[] tooMany = withLocals(join(bytes(1), u32(50_001), bytes(0x7F)));
        byte[] beyondTheFormat = withLocals(join(bytes(2), u32(-1), bytes(0x7F), u32(1), bytes(0x7E)));

        assertThat(ModuleDecoder.decode(withLocals(join(bytes(1), u32(50_000), bytes(0x7F))))
                        .code()
                        .get(0)
                        .locals())
                .containsExactly(new LocalRun(50_000, NumType.I32));
        assertThatThrownBy(() -> ModuleDecoder.decode(tooMany)).isInstanceOf(InvalidModuleException.class);
        assertThatThrownBy(() -> ModuleDecoder.decode(beyondTheFormat)).isInstanceOf(MalformedModuleException.class);
    }

    private static byte[] withLocals(byte[] locals) {
        return new ModuleBytes()
                .section(1, bytes(1, 0x60, 0, 0))
                .section(3, bytes(1, 0))
                .section(10, bytes(1), body(locals, bytes()))
                .toBytes();
    }
}
