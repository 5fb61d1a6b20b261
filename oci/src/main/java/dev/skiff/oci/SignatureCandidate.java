package dev.skiff.oci;

/** A signature as it was found, not believed yet. */
sealed interface SignatureCandidate {
    /** Where it was found, for reports. */
    String where();

    /**
     * A signature of the classic form.
     *
     * @param payload the bytes of its layer, checked against the descriptor's digest
     * @param signature the text of the layer's annotation: base64
     */
    record Simple(String where, byte[] payload, String signature) implements SignatureCandidate {}

    /**
     * A sigstore bundle.
     *
     * @param json its text
     */
    record Bundle(String where, byte[] json) implements SignatureCandidate {}

    /**
     * One that could not be fetched or read.
     *
     * @param reason why
     */
    record Unreadable(String where, String reason) implements SignatureCandidate {}
}
