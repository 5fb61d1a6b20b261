package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The values are those of NaCl's own test of crypto_secretbox. */
class SecretBoxTest {
    private static final byte[] KEY = hex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
    private static final byte[] NONCE = hex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
    private static final byte[] TEXT = hex("be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffc"
            + "e5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb31"
            + "0e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde"
            + "048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705");
    private static final byte[] BOX = hex("f3ffc7703f9400e52a7dfb4b3d3305d9"
            + "8e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a"
            + "c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738"
            + "b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da"
            + "99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5");

    @Test
    void makesWhatNaclMakes() {
        assertThat(SecretBox.seal(KEY, NONCE, TEXT)).isEqualTo(BOX);
        assertThat(SecretBox.open(KEY, NONCE, BOX)).hasValue(TEXT);
    }

    @Test
    void opensNothingThatWasChanged() {
        for (int i = 0; i < BOX.length; i++) {
            byte[] changed = BOX.clone();
            changed[i] ^= (byte) (1 << i % 8);
            assertThat(SecretBox.open(KEY, NONCE, changed)).isEmpty();
            assertThat(SecretBox.open(KEY, NONCE, Arrays.copyOf(BOX, i))).isEmpty();
        }
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
