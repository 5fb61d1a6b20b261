package dev.skiff.wasm.internal.binary;

import static dev.skiff.wasm.internal.binary.ModuleBytes.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.wasm.MalformedModuleException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ReaderTest {
    private static final byte[] MIN_64 = bytes(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F);

    @Test
    void readsUnsignedIntegers() {
        assertThat(reader(0).u32()).isZero();
        assertThat(reader(0x7F).u32()).isEqualTo(127);
        assertThat(reader(0x80, 0x01).u32()).isEqualTo(128);
        assertThat(reader(0x80, 0x80, 0x80, 0x80, 0x00).u32()).isZero();
        assertThat(reader(0xFF, 0xFF, 0xFF, 0xFF, 0x0F).u32()).isEqualTo(-1);
        assertThat(reader(0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01)
                        .u64())
                .isEqualTo(-1L);
    }

    @Test
    void readsSignedIntegers() {
        assertThat(reader(0x3F).s32()).isEqualTo(63);
        assertThat(reader(0x40).s32()).isEqualTo(-64);
        assertThat(reader(0xFF, 0x00).s32()).isEqualTo(127);
        assertThat(reader(0x80, 0x80, 0x80, 0x80, 0x78).s32()).isEqualTo(Integer.MIN_VALUE);
        assertThat(reader(0xFF, 0xFF, 0xFF, 0xFF, 0x07).s32()).isEqualTo(Integer.MAX_VALUE);
        assertThat(reader(0x40).s33()).isEqualTo(-64);
        assertThat(reader(0xFF, 0xFF, 0xFF, 0xFF, 0x0F).s33()).isEqualTo(0xFFFF_FFFFL);
        assertThat(new Reader(MIN_64, 0, 10).s64()).isEqualTo(Long.MIN_VALUE);
        assertThat(reader(0x7F).s64()).isEqualTo(-1);
    }

    @Test
    void refusesIntegersThatAreTooLongOrTooLarge() {
        refused(Reader::u32, "too long", 0x80, 0x80, 0x80, 0x80, 0x80, 0x00);
        refused(Reader::u32, "too large", 0xFF, 0xFF, 0xFF, 0xFF, 0x1F);
        refused(Reader::s32, "too long", 0x80, 0x80, 0x80, 0x80, 0x80, 0x00);
        refused(Reader::s32, "too large", 0xFF, 0xFF, 0xFF, 0xFF, 0x0F);
        refused(Reader::s32, "too large", 0x80, 0x80, 0x80, 0x80, 0x70);
        refused(Reader::s33, "too large", 0x80, 0x80, 0x80, 0x80, 0x20);
        refused(Reader::s64, "too large", 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7E);
        refused(Reader::s64, "unexpected end", 0x80, 0x80);
    }

    @Test
    void readsFloatsByTheirBits() {
        assertThat(reader(0, 0, 0x80, 0x3F).f32Bits()).isEqualTo(Float.floatToRawIntBits(1f));
        assertThat(reader(1, 0, 0, 0, 0, 0, 0xF0, 0xBF).f64Bits()).isEqualTo(0xBFF0_0000_0000_0001L);
    }

    @Test
    void readsNames() {
        assertThat(reader(3, 'a', 'b', 'c').name()).isEqualTo("abc");
        assertThat(reader(2, 0xC3, 0xBC).name()).isEqualTo("ü");
        refused(Reader::name, "UTF-8", 2, 0xC0, 0x80);
        refused(Reader::name, "UTF-8", 3, 0xED, 0xA0, 0x80);
        refused(Reader::name, "unexpected end", 3, 'a', 'b');
    }

    @Test
    void readsOpcodes() {
        assertThat(reader(0x6A).op()).isEqualTo(Op.I32_ADD);
        assertThat(reader(0xFC, 0x0B).op()).isEqualTo(Op.MEMORY_FILL);
        assertThat(reader(0xFC, 0x8B, 0x00).op()).isEqualTo(Op.MEMORY_FILL);
        refused(Reader::op, "no instruction", 0xFD, 0x80, 0x80, 0x01);
    }

    @Test
    void namesOpcodes() {
        assertThat(Op.name(Op.UNREACHABLE)).isEqualTo("unreachable");
        assertThat(Op.name(Op.TRY_TABLE)).isEqualTo("try_table");
        assertThat(Op.name(Op.TABLE_SET)).isEqualTo("table.set");
        assertThat(Op.name(Op.I32_LOAD)).isEqualTo("i32.load");
        assertThat(Op.name(Op.I32_CONST)).isEqualTo("i32.const");
        assertThat(Op.name(Op.I32_WRAP_I64)).isEqualTo("i32.wrap_i64");
        assertThat(Op.name(Op.I64_EXTEND32_S)).isEqualTo("i64.extend32_s");
        assertThat(Op.name(Op.BR_ON_NON_NULL)).isEqualTo("br_on_non_null");
        assertThat(Op.name(Op.TABLE_FILL)).isEqualTo("table.fill");
        assertThat(Op.name(0xFF)).isEqualTo("0xff");
        assertThat(Op.name(Op.prefixed(Op.PREFIX_VECTOR, 12))).isEqualTo("0xfd 0x0c");
    }

    @Test
    void staysInItsRange() {
        Reader in = new Reader(bytes(1, 2, 3, 4), 1, 3);

        assertThat(in.peek()).isEqualTo(2);
        assertThat(in.u8()).isEqualTo(2);
        assertThat(in.u8()).isEqualTo(3);
        assertThat(in.hasMore()).isFalse();
        assertThat(in.peek()).isEqualTo(-1);
        assertThatThrownBy(in::u8).isInstanceOf(MalformedModuleException.class).hasMessageContaining("0x3");
        assertThatThrownBy(() -> in.skip(-1)).isInstanceOf(MalformedModuleException.class);
    }

    private static Reader reader(int... values) {
        return new Reader(bytes(values), 0, values.length);
    }

    private static void refused(Function<Reader, ?> read, String words, int... values) {
        assertThatThrownBy(() -> read.apply(reader(values)))
                .isInstanceOf(MalformedModuleException.class)
                .hasMessageContaining(words);
    }
}
