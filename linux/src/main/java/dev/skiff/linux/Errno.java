package dev.skiff.linux;

/** The kernel's error numbers that a caller may want to tell apart (same values on x86_64 and aarch64). */
public enum Errno {
    EPERM(1, "operation not permitted"),
    ENOENT(2, "no such file or directory"),
    ESRCH(3, "no such process"),
    EINTR(4, "interrupted by a signal"),
    EIO(5, "input/output error"),
    ENXIO(6, "no such device or address"),
    E2BIG(7, "argument list too long"),
    ENOEXEC(8, "not an executable format"),
    EBADF(9, "not an open file descriptor"),
    ECHILD(10, "no child process"),
    EAGAIN(11, "would have to wait"),
    ENOMEM(12, "out of memory"),
    EACCES(13, "permission denied"),
    EFAULT(14, "address outside of memory"),
    ENOTBLK(15, "not a block device"),
    EBUSY(16, "in use"),
    EEXIST(17, "already exists"),
    EXDEV(18, "crosses devices or leaves the directory it is confined to"),
    ENODEV(19, "no such device"),
    ENOTDIR(20, "not a directory"),
    EISDIR(21, "is a directory"),
    EINVAL(22, "invalid argument"),
    ENFILE(23, "too many open files in the system"),
    EMFILE(24, "too many open files"),
    ENOTTY(25, "not a terminal, or an unknown device request"),
    ETXTBSY(26, "program file is being executed"),
    EFBIG(27, "file too large"),
    ENOSPC(28, "no space left on device"),
    ESPIPE(29, "cannot seek"),
    EROFS(30, "read-only file system"),
    EMLINK(31, "too many links"),
    EPIPE(32, "nobody reads the other end"),
    EDOM(33, "argument outside of the domain"),
    ERANGE(34, "result out of range"),
    EDEADLK(35, "would deadlock"),
    ENAMETOOLONG(36, "name too long"),
    ENOLCK(37, "no locks available"),
    ENOSYS(38, "not offered by this kernel"),
    ENOTEMPTY(39, "directory not empty"),
    ELOOP(40, "too many symbolic links"),
    ENOMSG(42, "no such message"),
    EIDRM(43, "identifier removed"),
    ENODATA(61, "no data"),
    ENOLINK(67, "link severed"),
    EPROTO(71, "protocol error"),
    EMULTIHOP(72, "multihop attempted"),
    EBADMSG(74, "bad message"),
    EOVERFLOW(75, "value too large"),
    EILSEQ(84, "illegal byte sequence"),
    ENOTSOCK(88, "not a socket"),
    EDESTADDRREQ(89, "destination address required"),
    EMSGSIZE(90, "message too long"),
    EPROTOTYPE(91, "wrong protocol type for the socket"),
    ENOPROTOOPT(92, "protocol option not available"),
    EPROTONOSUPPORT(93, "protocol not supported"),
    EOPNOTSUPP(95, "not supported"),
    EAFNOSUPPORT(97, "address family not supported"),
    EADDRINUSE(98, "address in use"),
    EADDRNOTAVAIL(99, "address not available"),
    ENETDOWN(100, "network is down"),
    ENETUNREACH(101, "network unreachable"),
    ENETRESET(102, "connection aborted by the network"),
    ECONNABORTED(103, "connection aborted"),
    ECONNRESET(104, "connection reset"),
    ENOBUFS(105, "no buffer space"),
    EISCONN(106, "already connected"),
    ENOTCONN(107, "not connected"),
    ETIMEDOUT(110, "timed out"),
    ECONNREFUSED(111, "connection refused"),
    EHOSTUNREACH(113, "host unreachable"),
    EALREADY(114, "already in progress"),
    EINPROGRESS(115, "in progress"),
    ESTALE(116, "stale file handle"),
    EDQUOT(122, "quota exceeded"),
    ECANCELED(125, "cancelled"),
    EOWNERDEAD(130, "previous owner died"),
    ENOTRECOVERABLE(131, "state not recoverable"),
    /** Any number that has no constant here; {@link LinuxException#number()} still tells which. */
    OTHER(0, "error");

    private static final Errno[] BY_NUMBER = new Errno[160];

    static {
        for (Errno e : values()) {
            BY_NUMBER[e.number] = e;
        }
    }

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** The kernel's number; 0 for {@link #OTHER}. */
    public int number() {
        return number;
    }

    /** A few words for people, without a full stop. */
    public String text() {
        return text;
    }

    /** The constant for a kernel number, {@link #OTHER} when there is none. */
    public static Errno of(int number) {
        Errno e = number > 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
        return e == null ? OTHER : e;
    }
}
