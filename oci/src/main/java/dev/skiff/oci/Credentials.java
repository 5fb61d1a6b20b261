package dev.skiff.oci;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Who somebody says to be to a registry. */
public sealed interface Credentials {
    /** Nobody in particular. */
    record Anonymous() implements Credentials {}

    /**
     * A user with a password, or with a token in its place.
     *
     * @param user the name
     * @param password the secret; not shown by {@code toString}
     */
    record Basic(String user, String password) implements Credentials {
        /** What goes behind {@code Authorization:} (RFC 7617). */
        String header() {
            String text = user + ":" + password;
            return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String toString() {
            return "user " + user;
        }
    }

    /**
     * A token that is exchanged for others, which Docker calls an identity token (RFC 6749, section 1.5).
     *
     * @param token the secret; not shown by {@code toString}
     */
    record RefreshToken(String token) implements Credentials {
        @Override
        public String toString() {
            return "identity token";
        }
    }

    /**
     * A token that is sent as it is.
     *
     * @param token the secret; not shown by {@code toString}
     */
    record Bearer(String token) implements Credentials {
        @Override
        public String toString() {
            return "registry token";
        }
    }
}
