package dev.skiff.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.wasm.NumType;
import dev.skiff.wasm.RefType;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LiteralsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-1, -1",
        "+7, 7",
        "2147483647, 2147483647",
        "4294967295, -1",
        "-2147483648, -2147483648",
        "0xff, 255",
        "0xFFFFFFFF, -1",
        "-0x80000000, -2147483648",
        "1_000_000, 1000000"
    })
    void thirtyTwoBitIntegersAreSignedOrUnsigned(String text, int value) {
        assertThat(Literals.parse(text, NumType.I32)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "18446744073709551615, -1",
        "-9223372036854775808, -9223372036854775808",
        "0xffffffffffffffff, -1",
        "-5, -5"
    })
    void sixtyFourBitIntegersAreSignedOrUnsigned(String text, long value) {
        assertThat(Literals.parse(text, NumType.I64)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "abc", "1.5", "4294967296", "-2147483649", "0x", "--1", "-+1", "0x-1", "1 "})
    void whatIsNo32BitIntegerIsRefused(String text) {
        assertThatThrownBy(() -> Literals.parse(text, NumType.I32))
                .isInstanceOf(NumberFormatException.class)
                .hasMessage("a 32-bit integer is -2147483648 to 4294967295, in decimal or as 0x1f");
    }

    @ParameterizedTest
    @CsvSource({"18446744073709551616", "-9223372036854775809"})
    void whatIsNo64BitIntegerIsRefused(String text) {
        assertThatThrownBy(() -> Literals.parse(text, NumType.I64)).isInstanceOf(NumberFormatException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "1.5, 1.5",
        "-2e10, -2e10",
        ".5, 0.5",
        "5., 5",
        "0x1.8p3, 12",
        "0x1f, 31",
        "inf, Infinity",
        "-inf, -Infinity",
        "-0, -0.0",
        "1_000.5, 1000.5"
    })
    void floatingPointNumbersAreReadInAllForms(String text, double value) {
        assertThat(Literals.parse(text, NumType.F64)).isEqualTo(value);
        assertThat(Literals.parse(text, NumType.F32)).isEqualTo((float) value);
    }

    @Test
    void nansKeepSignAndPayload() {
        assertThat(Double.doubleToRawLongBits((Double) Literals.parse("nan", NumType.F64)))
                .isEqualTo(0x7ff8_0000_0000_0000L);
        assertThat(Double.doubleToRawLongBits((Double) Literals.parse("-nan:0x1", NumType.F64)))
                .isEqualTo(0xfff0_0000_0000_0001L);
        assertThat(Float.floatToRawIntBits((Float) Literals.parse("nan:0x200000", NumType.F32)))
                .isEqualTo(0x7fa0_0000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "-", "1.5f", "1d", " 1", "0x1.8p3d", "nan:0x0", "nan:0xffffffffffffffffff", "NaN1", "e5"})
    void whatIsNoFloatingPointNumberIsRefused(String text) {
        assertThatThrownBy(() -> Literals.parse(text, NumType.F64)).isInstanceOf(NumberFormatException.class);
    }

    @Test
    void floatsAreRoundedOnce() {
        // Between two floats, a little over the middle; a detour over double would round to the middle, then down.
        assertThat(Literals.parse("1.00000005960464477540", NumType.F32)).isEqualTo(Math.nextUp(1f));
    }

    @Test
    void referencesCannotBeWritten() {
        assertThatThrownBy(() -> Literals.parse("null", RefType.FUNCREF))
                .hasMessage("a funcref cannot be written on a command line; only numbers can");
    }

    @ParameterizedTest
    @CsvSource({
        "5, 5",
        "-0.0, -0",
        "1.5, 1.5",
        "1e21, 1e21",
        "1.25e-9, 1.25e-9",
        "inf, inf",
        "-inf, -inf",
        "nan, nan",
        "-nan, -nan",
        "nan:0x1, nan:0x1"
    })
    void numbersAreWrittenShortest(String text, String written) {
        assertThat(Literals.format(Literals.parse(text, NumType.F64), NumType.F64))
                .isEqualTo(written);
        assertThat(Literals.format(Literals.parse(text, NumType.F32), NumType.F32))
                .isEqualTo(written);
    }

    @Test
    void whatIsWrittenReadsBackTheSame() {
        Random random = new Random(42);
        for (int i = 0; i < 10_000; i++) {
            long bits = random.nextLong();
            String f64 = Literals.format(Double.longBitsToDouble(bits), NumType.F64);
            assertThat(Double.doubleToRawLongBits((Double) Literals.parse(f64, NumType.F64)))
                    .as(f64)
                    .isEqualTo(bits);
            String f32 = Literals.format(Float.intBitsToFloat((int) bits), NumType.F32);
            assertThat(Float.floatToRawIntBits((Float) Literals.parse(f32, NumType.F32)))
                    .as(f32)
                    .isEqualTo((int) bits);
            assertThat(Literals.parse(Literals.format(bits, NumType.I64), NumType.I64))
                    .isEqualTo(bits);
        }
    }
}
