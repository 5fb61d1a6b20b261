package dev.skiff.containerd;

/** The runtimes cannot be written into a configuration of containerd. Nothing was changed; the message says what to do. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConfigException(String message) {
        super(message);
    }

    ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
