package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.wasm.internal.binary.Op;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Exceptions of guests (WebAssembly specification, section 4.4.5.9) between guest and host. */
class ExceptionTest {
    @ParameterizedTest
    @EnumSource
    void anExceptionThatTheGuestDoesNotCatchReachesTheHostWithTagAndPayload(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int tag = module.tag("i32 i64 f32 f64 externref funcref");
        module.exportTag("tag", tag);
        FuncBuilder thrower = module.func("externref").export("throw");
        module.declare(thrower);
        thrower.i32(1).i64(2).f32(3).f64(4).get(0).refFunc(thrower).throwing(tag);
        try (Guest guest = Guest.start(kind, module)) {
            Extern exported = guest.instance().export("tag").orElseThrow();
            assertThatExceptionOfType(WasmException.class)
                    .isThrownBy(() -> guest.run("throw", "object"))
                    .satisfies(e -> {
                        assertThat(e.tag()).isSameAs(exported);
                        assertThat(e.payload().subList(0, 5)).containsExactly(1, 2L, 3f, 4.0, "object");
                        assertThat(e.payload().get(5)).isInstanceOf(Func.class);
                    });
        }
    }

    @ParameterizedTest
    @EnumSource
    void theGuestCatchesWhatTheHostThrows(MemoryKind kind) {
        Tag tag = Tag.create(new TagType(Signature.of("i32 f64")));
        ModuleBuilder module = new ModuleBuilder();
        int thrower = module.importFunc("host", "throw", "i32");
        int imported = module.importTag("host", "tag", "i32 f64");
        module.func("i32 -> i32 f64")
                .export("catch")
                .block("-> i32 f64")
                .tryTable("", Catch.tag(imported, 0))
                .get(0)
                .call(thrower)
                .end()
                .i32(-1)
                .f64(-1)
                .end();
        Linker linker = new Linker()
                .define("host", "tag", tag)
                .func("host", "throw", Signature.of("i32"), (caller, args) -> {
                    if ((Integer) args[0] == 0) {
                        return new Object[0];
                    }
                    throw new WasmException(tag, args[0], 2.5);
                });
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.instance().call("catch", 77)).containsExactly(77, 2.5);
            assertThat(guest.instance().call("catch", 0)).containsExactly(-1, -1.0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tagsOfEqualTypesAreDifferent(MemoryKind kind) {
        Tag mine = Tag.create(new TagType(Signature.of("i32")));
        Tag other = Tag.create(new TagType(Signature.of("i32")));
        ModuleBuilder module = new ModuleBuilder();
        int thrower = module.importFunc("host", "throw", "");
        int imported = module.importTag("host", "tag", "i32");
        module.func("-> i32")
                .export("catch")
                .block("-> i32")
                .tryTable("", Catch.tag(imported, 0))
                .call(thrower)
                .end()
                .i32(-1)
                .end();
        WasmException thrown = new WasmException(other, 5);
        Linker linker = new Linker()
                .define("host", "tag", mine)
                .func("host", "throw", Signature.of(""), (caller, args) -> {
                    throw thrown;
                });
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThatThrownBy(() -> guest.run("catch")).isSameAs(thrown);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anExceptionPassesThroughTheHostBetweenTwoFramesOfTheGuest(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int back = module.importFunc("host", "back", "");
        int tag = module.tag("i64");
        module.func("").export("throw").i64(99).throwing(tag);
        module.func("-> i64")
                .export("catch")
                .block("-> i64")
                .tryTable("", Catch.tag(tag, 0))
                .call(back)
                .end()
                .i64(-1)
                .end();
        Linker linker = new Linker().func("host", "back", Signature.of(""), (caller, args) -> caller.call("throw"));
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThat(guest.call("catch")).isEqualTo(99L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCaughtExceptionIsThrownAgainAsItself(MemoryKind kind) {
        Tag tag = Tag.create(new TagType(Signature.of("i32")));
        ModuleBuilder module = new ModuleBuilder();
        int thrower = module.importFunc("host", "throw", "");
        FuncBuilder again = module.func("").export("again");
        int kept = again.local("exnref");
        again.block("-> exnref")
                .tryTable("", Catch.allRef(0))
                .call(thrower)
                .end()
                .ret()
                .end()
                .set(kept)
                .get(kept)
                .op(Op.THROW_REF);
        WasmException thrown = new WasmException(tag, 1);
        Linker linker = new Linker().func("host", "throw", Signature.of(""), (caller, args) -> {
            throw thrown;
        });
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThatThrownBy(() -> guest.run("again")).isSameAs(thrown);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theGuestCatchesNeitherTrapsNorTheHostsOwnExceptions(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int fail = module.importFunc("host", "fail", "");
        for (String name : new String[] {"trap", "host"}) {
            Code code = module.func("-> i32").export(name).block("").tryTable("", Catch.all(0));
            if (name.equals("trap")) {
                code.i32(1).i32(0).op(Op.I32_DIV_U).op(Op.DROP);
            } else {
                code.call(fail);
            }
            code.end().i32(1).ret().end().i32(2);
        }
        IllegalStateException thrown = new IllegalStateException();
        Linker linker = new Linker().func("host", "fail", Signature.of(""), (caller, args) -> {
            throw thrown;
        });
        try (Guest guest = Guest.start(kind, module, linker)) {
            assertThatThrownBy(() -> guest.run("host")).isSameAs(thrown);
            assertThatExceptionOfType(Trap.class)
                    .isThrownBy(() -> guest.run("trap"))
                    .extracting(Trap::code)
                    .isEqualTo(TrapCode.INTEGER_DIVIDE_BY_ZERO);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theInnermostClauseThatMatchesCatches(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int a = module.tag("");
        int b = module.tag("");
        int c = module.tag("");
        FuncBuilder thrower = module.func("i32");
        thrower.block("")
                .block("")
                .block("")
                .get(0)
                .brTable(0, 1, 2)
                .end()
                .throwing(a)
                .end()
                .throwing(b)
                .end()
                .throwing(c);
        FuncBuilder nested = module.func("i32 -> i32").export("nested");
        nested.block("").block("").block("");
        nested.tryTable("", Catch.tag(b, 1), Catch.all(2));
        nested.tryTable("", Catch.tag(a, 1)).get(0).call(thrower).end().end();
        nested.end().i32(1).ret().end().i32(2).ret().end().i32(3);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.call("nested", 0)).isEqualTo(1);
            assertThat(guest.call("nested", 1)).isEqualTo(2);
            assertThat(guest.call("nested", 2)).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void localsKeepTheValuesThatTheyHadWhenTheExceptionWasThrown(MemoryKind kind) {
        ModuleBuilder module = new ModuleBuilder();
        int tag = module.tag("");
        FuncBuilder function = module.func("i32 -> i32 i64").export("run");
        int count = function.local("i32");
        int wide = function.local("i64");
        FuncBuilder maybe = module.func("i32");
        maybe.get(0).i32(7).op(Op.I32_EQ).when("").throwing(tag).end();
        function.block("").tryTable("", Catch.tag(tag, 0)).loop("");
        function.get(count).i32(1).op(Op.I32_ADD).set(count);
        function.get(count).op(Op.I64_EXTEND_I32_S).i64(1L << 33).op(Op.I64_MUL).set(wide);
        function.get(count)
                .call(maybe)
                .get(count)
                .get(0)
                .op(Op.I32_LT_S)
                .brIf(0)
                .end()
                .end()
                .end();
        function.get(count).get(wide);
        try (Guest guest = Guest.start(kind, module)) {
            assertThat(guest.instance().call("run", 100)).containsExactly(7, 7L << 33);
            assertThat(guest.instance().call("run", 3)).containsExactly(3, 3L << 33);
        }
    }
}
