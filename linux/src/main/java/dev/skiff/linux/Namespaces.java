package dev.skiff.linux;

/** Namespaces, see namespaces(7). All methods throw {@link LinuxException} if the kernel refuses. */
public final class Namespaces {
    /** Type: network interfaces, addresses, routes and ports. */
    public static final int NETWORK = 0x4000_0000;

    private Namespaces() {}

    /**
     * Moves the calling thread into a namespace: setns(2). Not for virtual threads, of which others share the thread that moves; and threads that it
     * starts from then on begin there too.
     *
     * @param fd an open file such as {@code /proc/1/ns/net}
     * @param type which it must be, {@link #NETWORK}
     */
    public static void enter(int fd, int type) {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread has no namespaces of its own");
        }
        Kernel.call("setns", Sys.SETNS, fd, type);
    }
}
