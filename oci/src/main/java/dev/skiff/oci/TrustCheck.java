package dev.skiff.oci;

/** Decides whether an image is trusted, before its content is got. */
@FunctionalInterface
public interface TrustCheck {
    /** Trusts everybody. */
    TrustCheck NONE = (reference, root, signatures) -> {};

    /**
     * Decides.
     *
     * @param reference what was asked for
     * @param root the manifest or index that it leads to
     * @param signatures where its signatures are
     * @throws OciException of the problem NOT_TRUSTED if it is not trusted
     */
    void check(Reference reference, Descriptor root, Repository signatures);
}
