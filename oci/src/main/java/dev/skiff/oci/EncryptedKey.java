package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * The JSON text in which cosign keeps a private key: the parameters of scrypt, which makes a key of the password, and a
 * {@link SecretBox} with the key in PKCS #8.
 */
final class EncryptedKey {
    /** What cosign 2 takes: 64 MiB and some tenths of a second. */
    private static final int COST = 65_536;

    private static final int BLOCK_SIZE = 8;
    private static final int SALT_BYTES = 32;
    /** A stranger's file must not take all memory or minutes: 256 MiB and eight times the work of cosign's own. */
    private static final long MAX_MEMORY_BYTES = 256L << 20;

    private static final long MAX_WORK = 8L * COST * BLOCK_SIZE;
    private static final SecureRandom RANDOM = new SecureRandom();

    private EncryptedKey() {}

    /** Encrypts a key; each call with another salt and nonce. */
    static byte[] encrypt(byte[] pkcs8, byte[] password) {
        byte[] salt = random(SALT_BYTES);
        byte[] nonce = random(SecretBox.NONCE_BYTES);
        byte[] key = SCrypt.generate(password, salt, COST, BLOCK_SIZE, 1, SecretBox.KEY_BYTES);
        byte[] box = SecretBox.seal(key, nonce, pkcs8);
        Arrays.fill(key, (byte) 0);
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("N", COST);
        params.put("r", BLOCK_SIZE);
        params.put("p", 1);
        Map<String, Object> kdf = new LinkedHashMap<>();
        kdf.put("name", "scrypt");
        kdf.put("params", params);
        kdf.put("salt", base64(salt));
        Map<String, Object> cipher = new LinkedHashMap<>();
        cipher.put("name", "nacl/secretbox");
        cipher.put("nonce", base64(nonce));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("kdf", kdf);
        all.put("cipher", cipher);
        all.put("ciphertext", base64(box));
        return Json.write(all);
    }

    /**
     * Decrypts a key.
     *
     * @param what the key, for messages
     * @throws OciException if the text is damaged, its parameters are not those of cosign or too large, or the password is wrong
     */
    static byte[] decrypt(byte[] json, String what, KeyPassword password) {
        JsonObject all = Json.object(json, what);
        JsonObject kdf = all.needObject("kdf");
        JsonObject cipher = all.needObject("cipher");
        needName(kdf, "scrypt", what);
        needName(cipher, "nacl/secretbox", what);
        byte[] salt = bytes(kdf, "salt", what);
        byte[] nonce = bytes(cipher, "nonce", what);
        byte[] box = bytes(all, "ciphertext", what);
        if (nonce.length != SecretBox.NONCE_BYTES) {
            throw damaged(what, "its nonce has " + nonce.length + " bytes and not " + SecretBox.NONCE_BYTES);
        }
        byte[] secret = password.bytes(what);
        byte[] key = derive(secret, salt, kdf.needObject("params"), what);
        Arrays.fill(secret, (byte) 0);
        byte[] pkcs8 = SecretBox.open(key, nonce, box)
                .orElseThrow(() -> new OciException(
                        Problem.INVALID, what + " does not open: the password is wrong, or the file was changed"));
        Arrays.fill(key, (byte) 0);
        return pkcs8;
    }

    private static byte[] derive(byte[] password, byte[] salt, JsonObject params, String what) {
        long cost = params.needSize("N");
        long blockSize = params.needSize("r");
        long parallel = params.needSize("p");
        if (cost < 2 || Long.bitCount(cost) != 1 || blockSize < 1 || parallel < 1) {
            throw damaged(what, "scrypt has no parameters N=" + cost + ", r=" + blockSize + ", p=" + parallel);
        }
        if (cost > MAX_WORK
                || blockSize > MAX_WORK
                || parallel > MAX_WORK
                || cost * blockSize > MAX_MEMORY_BYTES / 128
                || blockSize * parallel > MAX_MEMORY_BYTES / 128
                || cost * blockSize * parallel > MAX_WORK) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    what + " asks for too much work to check its password: scrypt with N=" + cost + ", r=" + blockSize
                            + ", p=" + parallel + "; cosign itself takes N=" + COST + ", r=" + BLOCK_SIZE + ", p=1");
        }
        try {
            return SCrypt.generate(password, salt, (int) cost, (int) blockSize, (int) parallel, SecretBox.KEY_BYTES);
        } catch (IllegalArgumentException e) {
            throw new OciException(
                    Problem.UNSUPPORTED,
                    what + " has parameters of scrypt that are not supported: N=" + cost + ", r=" + blockSize + ", p="
                            + parallel,
                    e);
        }
    }

    private static void needName(JsonObject object, String expected, String what) {
        String name = object.needText("name");
        if (!name.equals(expected)) {
            throw new OciException(
                    Problem.UNSUPPORTED, what + " is encrypted with " + name + ", and only " + expected + " is known");
        }
    }

    private static byte[] bytes(JsonObject object, String name, String what) {
        try {
            return Base64.getDecoder().decode(object.needText(name));
        } catch (IllegalArgumentException e) {
            throw damaged(what, "its " + name + " is no base64 text");
        }
    }

    private static OciException damaged(String what, String why) {
        return new OciException(Problem.CORRUPT, what + " is damaged: " + why);
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
