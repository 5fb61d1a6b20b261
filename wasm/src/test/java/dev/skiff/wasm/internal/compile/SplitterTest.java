package dev.skiff.wasm.internal.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.Catch;
import dev.skiff.wasm.FuncBuilder;
import dev.skiff.wasm.ModuleBuilder;
import dev.skiff.wasm.internal.binary.Op;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a function is like, all its methods are small enough for HotSpot. What they compute is tested elsewhere. */
class SplitterTest {
    /** As Go's compiler makes functions that call others: they can go on behind each call. */
    @ParameterizedTest
    @ValueSource(ints = {200, 1_500})
    void aFunctionThatCanBeResumedAtManyPlaces(int places) {
        ModuleBuilder module = new ModuleBuilder();
        module.memory(ModuleBuilder.from(1));
        FuncBuilder code = module.func("i32 -> i32");
        int stack = module.global("i32", true, init -> init.i32(1_000));
        int[] local = IntStream.range(0, 12).map(i -> code.local("i64")).toArray();
        code.loop("");
        for (int i = 0; i < places; i++) {
            code.block("");
        }
        code.get(0).brTable(IntStream.range(0, places).toArray());
        for (int i = 0; i < places; i++) {
            code.end();
            code.globalGet(stack).mem(Op.I64_LOAD, i).set(local[i % 12]);
            code.globalGet(stack).get(local[i * 5 % 12]).mem(Op.I64_STORE, i);
            code.i32(i).call(code).when("").i32(i).ret().end();
            code.get(local[i % 12]).op(Op.I64_EQZ).when("");
            code.i32(i * 7 % places).set(0).br(places - i).end();
        }
        code.end().i32(0);
        assertAllSmall(module);
    }

    @ParameterizedTest
    @CsvSource({"20, 20000", "500, 20000", "3000, 10000"})
    void aFunctionThatChangesAllItsLocalsAllTheTime(int locals, int instructions) {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i32 -> i32");
        int[] local = IntStream.range(0, locals).map(i -> code.local("i64")).toArray();
        code.loop("");
        for (int i = 0; i < instructions / 4; i++) {
            code.get(local[i * 7 % locals]).get(local[i * 13 % locals]).op(Op.I64_ADD);
            code.set(local[i * 31 % locals]);
            if (i % 50 == 0) {
                code.get(0).brIf(0);
            }
        }
        code.end().i32(0);
        assertAllSmall(module);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void aFunctionThatCatchesExceptionsAtManyPlaces(int depth) {
        ModuleBuilder module = new ModuleBuilder();
        int tag = module.tag("i32 ->");
        FuncBuilder code = module.func("i32 -> i32");
        for (int i = 0; i < 1_000 / depth; i++) {
            for (int j = 0; j < depth; j++) {
                code.block("-> i32").tryTable("", Catch.tag(tag, 0));
            }
            code.get(0).call(code).set(0);
            for (int j = 0; j < depth; j++) {
                code.get(0).i32(j).op(Op.I32_EQ).when("").i32(i).throwing(tag).end();
                code.end().i32(i).end().set(0);
            }
        }
        code.get(0);
        assertAllSmall(module);
    }

    @Test
    void aFunctionWithManyOperandsBeneathItsBlocks() {
        ModuleBuilder module = new ModuleBuilder();
        FuncBuilder code = module.func("i64 -> i64");
        int depth = 40;
        int operands = 30;
        for (int i = 0; i < depth; i++) {
            for (int j = 0; j < operands; j++) {
                code.get(0).i64(i + j).op(Op.I64_ADD);
            }
            code.block("");
            for (int j = 0; j < 200; j++) {
                code.get(0).i64(i + j).op(Op.I64_MUL).set(0);
            }
        }
        for (int i = 0; i < depth; i++) {
            code.get(0).op(Op.I64_EQZ).brIf(0).end();
            for (int j = 0; j < operands; j++) {
                code.get(0).op(Op.I64_SUB).set(0);
            }
        }
        code.get(0);
        assertAllSmall(module);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"work-go", "work-rust"})
    void aWholeProgram(String name) throws IOException {
        Path program = Path.of("..", "guests", name, name + ".wasm");
        assertAllSmall(Files.readAllBytes(program));
    }

    private static void assertAllSmall(ModuleBuilder module) {
        assertAllSmall(module.build());
    }

    private static void assertAllSmall(byte[] binary) {
        assertThat(MethodSizes.tooLarge(binary, false, false)).isEmpty();
        assertThat(MethodSizes.tooLarge(binary, true, true))
                .as("with fuel and large memories")
                .isEmpty();
    }
}
