package dev.skiff.linux;

/** Namespaces, see namespaces(7). All methods throw {@link LinuxException} if the kernel refuses. */
public final class Namespaces {
    /** Type: network interfaces, addresses, routes and ports. */
    public static final int NETWORK = 0x4000_0000;

    private static final int FILE_SYSTEM = 0x200;

    private Namespaces() {}

    /**
     * Moves the calling thread into a namespace: setns(2). Not for virtual threads, of which others share the thread that moves; and threads that it
     * starts from then on begin there too.
     *
     * @param fd an open file such as {@code /proc/1/ns/net}
     * @param type which it must be, {@link #NETWORK}
     */
    public static void enter(int fd, int type) {
        checkPlatform();
        Kernel.call("setns", Sys.SETNS, fd, type);
    }

    /**
     * Gives the calling thread a working directory of its own, unshare(2), and changes it: chdir(2). Not for virtual threads; threads that it starts from then on
     * share it.
     */
    public static void changeOwnDirectory(String path) {
        checkPlatform();
        Kernel.call("unshare", Sys.UNSHARE, FILE_SYSTEM);
        try (Scratch scratch = Scratch.borrow()) {
            Kernel.call("chdir", Sys.CHDIR, scratch.string(path));
        } catch (LinuxException e) {
            throw new LinuxException(e.number(), "chdir", path);
        }
    }

    private static void checkPlatform() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread has nothing of its own in the kernel");
        }
    }
}
