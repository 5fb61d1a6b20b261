package dev.skiff.wasi;

import dev.skiff.linux.LinuxException;
import dev.skiff.wasm.Trap;
import dev.skiff.wasm.TrapCode;
import java.io.UncheckedIOException;

/** The error codes of WASI 0.1; a constant's ordinal is its code. */
enum Errno {
    SUCCESS,
    E2BIG,
    EACCES,
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAFNOSUPPORT,
    EAGAIN,
    EALREADY,
    EBADF,
    EBADMSG,
    EBUSY,
    ECANCELED,
    ECHILD,
    ECONNABORTED,
    ECONNREFUSED,
    ECONNRESET,
    EDEADLK,
    EDESTADDRREQ,
    EDOM,
    EDQUOT,
    EEXIST,
    EFAULT,
    EFBIG,
    EHOSTUNREACH,
    EIDRM,
    EILSEQ,
    EINPROGRESS,
    EINTR,
    EINVAL,
    EIO,
    EISCONN,
    EISDIR,
    ELOOP,
    EMFILE,
    EMLINK,
    EMSGSIZE,
    EMULTIHOP,
    ENAMETOOLONG,
    ENETDOWN,
    ENETRESET,
    ENETUNREACH,
    ENFILE,
    ENOBUFS,
    ENODEV,
    ENOENT,
    ENOEXEC,
    ENOLCK,
    ENOLINK,
    ENOMEM,
    ENOMSG,
    ENOPROTOOPT,
    ENOSPC,
    ENOSYS,
    ENOTCONN,
    ENOTDIR,
    ENOTEMPTY,
    ENOTRECOVERABLE,
    ENOTSOCK,
    ENOTSUP,
    ENOTTY,
    ENXIO,
    EOVERFLOW,
    EOWNERDEAD,
    EPERM,
    EPIPE,
    EPROTO,
    EPROTONOSUPPORT,
    EPROTOTYPE,
    ERANGE,
    EROFS,
    ESPIPE,
    ESRCH,
    ESTALE,
    ETIMEDOUT,
    ETXTBSY,
    EXDEV,
    ENOTCAPABLE;

    private final Failure failure = new Failure(this);

    /** The code as the guest sees it. */
    int code() {
        return ordinal();
    }

    /** The failure with this code; always the same object, without a stack trace. */
    Failure failure() {
        return failure;
    }

    /**
     * The code for whatever a host function threw. What must end the guest is thrown on: exits, and traps other than an
     * access outside of the memory, which is the guest handing over a bad pointer.
     */
    static int codeOf(RuntimeException e) {
        // Every program meets an error or two while it starts; a switch over types would have to be spun for it.
        if (e instanceof Failure failure) {
            return failure.errno().code();
        }
        if (e instanceof LinuxException kernel) {
            return of(kernel).code();
        }
        if (e instanceof Trap trap && trap.code() == TrapCode.MEMORY_OUT_OF_BOUNDS) {
            return EFAULT.code();
        }
        if (e instanceof UncheckedIOException) {
            return EIO.code();
        }
        if (e instanceof HandlerFailure handler) {
            throw handler.thrown();
        }
        throw e;
    }

    /** The code for a failed system call. */
    static Errno of(LinuxException e) {
        return Kernel.CODES[e.errno().ordinal()];
    }

    /**
     * The kernel's error constants in their order, each with its code; a class of its own so that few programs load it.
     */
    private static final class Kernel {
        static final Errno[] CODES = codes();

        private static Errno[] codes() {
            dev.skiff.linux.Errno[] kernel = dev.skiff.linux.Errno.values();
            Errno[] codes = new Errno[kernel.length];
            for (dev.skiff.linux.Errno k : kernel) {
                codes[k.ordinal()] = EIO;
                for (Errno e : values()) {
                    if (e.name().equals(k.name())) {
                        codes[k.ordinal()] = e;
                    }
                }
            }
            codes[dev.skiff.linux.Errno.EOPNOTSUPP.ordinal()] = ENOTSUP;
            return codes;
        }
    }
}
