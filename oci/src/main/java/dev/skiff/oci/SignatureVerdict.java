package dev.skiff.oci;

import java.util.Map;
import java.util.Optional;

/** What became of one signature that was found. */
public sealed interface SignatureVerdict {
    /** Where it was found: the manifest and which of its layers. */
    String where();

    /**
     * It counts.
     *
     * @param key whose it is
     * @param reference the repository that the signer says the artifact is in; bundles say none
     * @param annotations what the signer added
     */
    record Counted(String where, VerificationKey key, Optional<String> reference, Map<String, String> annotations)
            implements SignatureVerdict {
        /** For people. */
        @Override
        public String toString() {
            return where + " is by " + key
                    + reference.map(text -> " for " + text).orElse("");
        }
    }

    /**
     * It does not count.
     *
     * @param reason why, as a part of a sentence
     */
    record Refused(String where, String reason) implements SignatureVerdict {
        /** For people. */
        @Override
        public String toString() {
            return where + ": " + reason;
        }
    }
}
