package dev.skiff.containerd;

import java.util.Arrays;

/** A call of containerd's, or to it, cannot be answered. Its message reaches whoever called containerd. */
final class RpcException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The codes of gRPC for calls that fail. */
    enum Code {
        CANCELLED(1),
        UNKNOWN(2),
        INVALID_ARGUMENT(3),
        DEADLINE_EXCEEDED(4),
        NOT_FOUND(5),
        ALREADY_EXISTS(6),
        PERMISSION_DENIED(7),
        RESOURCE_EXHAUSTED(8),
        FAILED_PRECONDITION(9),
        ABORTED(10),
        OUT_OF_RANGE(11),
        UNIMPLEMENTED(12),
        INTERNAL(13),
        UNAVAILABLE(14),
        DATA_LOSS(15),
        UNAUTHENTICATED(16);

        private final int number;

        Code(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }

        /** The code of a number; of one that says nothing, {@code UNKNOWN}. */
        static Code of(int number) {
            return Arrays.stream(values())
                    .filter(code -> code.number == number)
                    .findFirst()
                    .orElse(UNKNOWN);
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
