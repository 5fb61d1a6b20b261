package dev.skiff.oci;

/** How much a server has to prove of itself. */
enum Access {
    /** TLS, and a certificate of an authority that is trusted. */
    TLS(true),
    /** As with {@link #TLS}, or no TLS at all, whichever it speaks: for servers on this machine, where nobody listens in. */
    LOCAL(true),
    /** Without TLS. */
    PLAIN(false),
    /** TLS with any certificate, or no TLS, whichever it speaks: where a user said that it is insecure. */
    INSECURE(false);

    private final boolean verified;

    Access(boolean verified) {
        this.verified = verified;
    }

    /** Whether a certificate counts only if an authority that is trusted vouches for it. */
    boolean isVerified() {
        return verified;
    }
}
