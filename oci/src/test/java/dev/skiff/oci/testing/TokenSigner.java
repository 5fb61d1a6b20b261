package dev.skiff.oci.testing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.Base64;

/** Signs JSON web tokens (RFC 7519) with ES256, and puts the certificate of its key into their header. Thread-safe. */
final class TokenSigner {
    private final Identity identity =
            CertificateAuthority.create("token server").self();

    /** Whose signature it is. */
    Identity identity() {
        return identity;
    }

    /** A token with these claims, a JSON object. */
    String sign(byte[] claims) {
        String certificate = Base64.getEncoder().encodeToString(identity.der());
        String header = "{\"typ\":\"JWT\",\"alg\":\"ES256\",\"x5c\":[\"" + certificate + "\"]}";
        String signed = base64(header.getBytes(StandardCharsets.UTF_8)) + "." + base64(claims);
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(identity.key());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign a token", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
