package dev.skiff.containerd;

/** A call cannot be answered. Its message reaches whoever called containerd. */
final class RpcException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Codes of gRPC that containerd makes something of. */
    enum Code {
        UNKNOWN(2),
        INVALID_ARGUMENT(3),
        NOT_FOUND(5),
        ALREADY_EXISTS(6),
        FAILED_PRECONDITION(9),
        UNIMPLEMENTED(12),
        INTERNAL(13),
        UNAVAILABLE(14);

        private final int number;

        Code(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    private final Code code;

    RpcException(Code code, String message) {
        super(message);
        this.code = code;
    }

    RpcException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    Code code() {
        return code;
    }
}
