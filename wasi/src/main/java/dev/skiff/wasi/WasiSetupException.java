package dev.skiff.wasi;

/** A guest cannot be given what its configuration says; the message is a sentence that says what and why. */
public final class WasiSetupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WasiSetupException(String message) {
        super(message);
    }
}
