package dev.skiff.oci;

import java.io.IOException;
import org.bouncycastle.asn1.ASN1Primitive;

/** Reads DER with BouncyCastle, which throws exceptions of many kinds at damaged bytes. */
final class Der {
    private Der() {}

    /** Makes something of what was read; it throws whatever BouncyCastle does. */
    @FunctionalInterface
    interface Reader<T> {
        T read(ASN1Primitive value) throws IOException;
    }

    /**
     * Reads a value.
     *
     * @throws IOException if the bytes are not those of one such value
     */
    static <T> T read(byte[] der, Reader<T> reader) throws IOException {
        try {
            ASN1Primitive value = ASN1Primitive.fromByteArray(der);
            if (value == null) {
                throw new IOException("there are no bytes");
            }
            return reader.read(value);
        } catch (RuntimeException e) {
            throw new IOException("damaged DER", e);
        }
    }
}
