package dev.skiff.oci.testing;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;

/**
 * A certificate and the private key that belongs to it.
 *
 * @param certificate who it is
 * @param key a key on the curve P-256
 */
public record Identity(X509Certificate certificate, PrivateKey key) {

    /** The certificate in PEM (RFC 7468). */
    public String certificatePem() {
        return pem("CERTIFICATE", der());
    }

    /** The key in PEM, as PKCS #8. */
    public String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    /** The certificate in DER. */
    byte[] der() {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read can be written", e);
        }
    }

    private static String pem(String label, byte[] der) {
        String text = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + text + "\n-----END " + label + "-----\n";
    }
}
