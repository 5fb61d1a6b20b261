package dev.skiff.wasi;

/**
 * What a handler of signals threw, on its way through the call in which it ran: not to be taken for a failure of that call, such as a bad pointer.
 * {@link Errno#codeOf} throws the cause on.
 */
final class HandlerFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final RuntimeException thrown;

    HandlerFailure(RuntimeException thrown) {
        super(null, null, false, false);
        this.thrown = thrown;
    }

    RuntimeException thrown() {
        return thrown;
    }
}
