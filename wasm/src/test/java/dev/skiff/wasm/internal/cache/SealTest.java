package dev.skiff.wasm.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SealTest {
    /** From the vectors of the reference implementation: the bytes 0, 1, 2 ... under the key 0, 1, 2 ... 15. */
    @ParameterizedTest
    @CsvSource({
        "0, a3817f04ba25a8e66df67214c7550293",
        "1, da87c1d86b99af44347659119b22fc45",
        "8, 3b62a9ba6258f5610f83e264f31497b4",
        "15, 5493e99933b0a8117e08ec0f97cfc3d9",
    })
    void isTheReferencesSipHash(int length, String expected) {
        assertThat(HexFormat.of().formatHex(Seal.sipHash(counting(16), counting(length))))
                .isEqualTo(expected);
    }

    private static byte[] counting(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }
}
