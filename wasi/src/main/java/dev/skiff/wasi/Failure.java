package dev.skiff.wasi;

/** A call that the guest made has failed; the guest is told by its error code. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    Failure(Errno errno) {
        super(errno.name(), null, false, false);
        this.errno = errno;
    }

    Errno errno() {
        return errno;
    }
}
