package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Where the password of a private key comes from. It is asked only if the key is encrypted. */
@FunctionalInterface
public interface KeyPassword {
    /**
     * The password in UTF-8, as cosign has it. Who asks clears the array.
     *
     * @param what the key, as {@code the key cosign.key}
     * @throws OciException if there is none
     */
    byte[] bytes(String what);

    /** A password that is known; later changes of the array do not matter. */
    static KeyPassword of(char[] password) {
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(password));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        Arrays.fill(encoded.array(), (byte) 0);
        return what -> bytes.clone();
    }

    /** No password: encrypted keys are refused. */
    static KeyPassword none() {
        return what -> {
            throw new OciException(
                    Problem.INVALID, what + " is encrypted, and there is no password for it: set COSIGN_PASSWORD");
        };
    }
}
