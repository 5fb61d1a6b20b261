package dev.skiff.oci;

/** Where a signature is kept. */
public enum SignatureForm {
    /** In a manifest with the tag {@code sha256-....sig}: every cosign and every registry knows it. */
    TAG,
    /** In a manifest that refers to what is signed (OCI distribution specification 1.1). */
    REFERRER,
    /** The same as a Sigstore bundle, as newer versions of cosign write it. */
    BUNDLE
}
