package dev.skiff.oci;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * NaCl's secretbox: XSalsa20 and Poly1305, the tag before the ciphertext. The first 32 bytes of the key stream are the key of the tag,
 * and the text is encrypted with those behind them.
 */
final class SecretBox {
    static final int KEY_BYTES = 32;
    static final int NONCE_BYTES = 24;
    static final int TAG_BYTES = 16;

    private SecretBox() {}

    /** Encrypts a text; a key never sees a nonce twice. */
    static byte[] seal(byte[] key, byte[] nonce, byte[] text) {
        XSalsa20Engine cipher = cipher(key, nonce);
        byte[] tagKey = tagKey(cipher);
        byte[] box = new byte[TAG_BYTES + text.length];
        cipher.processBytes(text, 0, text.length, box, TAG_BYTES);
        System.arraycopy(tag(tagKey, box), 0, box, 0, TAG_BYTES);
        return box;
    }

    /** The text of a box, or nothing if the key is another or the box was changed. */
    static Optional<byte[]> open(byte[] key, byte[] nonce, byte[] box) {
        if (box.length < TAG_BYTES) {
            return Optional.empty();
        }
        XSalsa20Engine cipher = cipher(key, nonce);
        byte[] tag = tag(tagKey(cipher), box);
        if (!MessageDigest.isEqual(tag, Arrays.copyOf(box, TAG_BYTES))) {
            return Optional.empty();
        }
        byte[] text = new byte[box.length - TAG_BYTES];
        cipher.processBytes(box, TAG_BYTES, text.length, text, 0);
        return Optional.of(text);
    }

    private static XSalsa20Engine cipher(byte[] key, byte[] nonce) {
        XSalsa20Engine cipher = new XSalsa20Engine();
        cipher.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
        return cipher;
    }

    private static byte[] tagKey(XSalsa20Engine cipher) {
        byte[] zeros = new byte[KEY_BYTES];
        byte[] tagKey = new byte[KEY_BYTES];
        cipher.processBytes(zeros, 0, zeros.length, tagKey, 0);
        return tagKey;
    }

    private static byte[] tag(byte[] tagKey, byte[] box) {
        Poly1305 mac = new Poly1305();
        mac.init(new KeyParameter(tagKey));
        mac.update(box, TAG_BYTES, box.length - TAG_BYTES);
        byte[] tag = new byte[TAG_BYTES];
        mac.doFinal(tag, 0);
        return tag;
    }
}
