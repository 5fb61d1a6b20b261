package dev.skiff.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Makes single system calls with the rights that a {@link FileUser} has to files. Thread-safe.
 *
 * <p>In Linux these rights are the thread's: setfsuid(2), setfsgid(2) and, made as raw system calls, setgroups(2). With a user other than 0 the kernel
 * also takes the capabilities to files from the thread, see capabilities(7). Between taking rights and giving them back there is the system call and
 * nothing else: whatever Java does at the same time, such as loading a class, or starting a thread, which would inherit them, it does with its own.
 *
 * <p>setfsuid(2) does not say whether it has worked, so it is asked again. Should a thread keep a user's rights, because its stack is full in the wrong moment, these
 * are not more than its own, and the next call takes and gives back all of them again.
 */
final class ActingUser {
    /** What setfsuid(2) and setfsgid(2) take for a question. */
    private static final long QUERY = 0xffff_ffffL;
    /** Of the capabilities that go with the user, those that count for files: all before CAP_KILL, CAP_LINUX_IMMUTABLE and CAP_MKNOD. */
    private static final long FILE_CAPABILITIES = 0x1f | 1 << 9 | 1 << 27;

    private static final int CAPABILITY_VERSION_3 = 0x2008_0522;

    private final FileUser user;
    private final Groups groups;

    private ActingUser(FileUser user) {
        this.user = user;
        groups = Groups.of(user.groups());
    }

    /** What this process's threads have. */
    private static final class Own {
        static final long UID = Kernel.raw(Sys.SETFSUID, QUERY, 0, 0, 0, 0, 0);
        static final long GID = Kernel.raw(Sys.SETFSGID, QUERY, 0, 0, 0, 0, 0);
        static final Groups GROUPS = Groups.ofThisThread();
    }

    /**
     * Tries a user.
     *
     * @throws LinuxException EPERM if this process may not act as the user
     */
    static ActingUser of(FileUser user) {
        ActingUser acting = new ActingUser(user);
        if (Thread.currentThread().isVirtual()) {
            try {
                CompletableFuture.runAsync(
                                acting::requireRights,
                                task -> Thread.ofPlatform().daemon().start(task))
                        .join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof LinuxException refused) {
                    throw refused;
                }
                throw e;
            }
        } else {
            acting.requireRights();
        }
        return acting;
    }

    private void requireRights() {
        try (Scratch scratch = Scratch.borrow()) {
            long header = scratch.zeroed(8);
            long sets = scratch.zeroed(24);
            Kernel.MEMORY.putInt(header, CAPABILITY_VERSION_3);
            Kernel.check("capget", raw(Sys.CAPGET, header, sets, 0, 0, 0, 0));
            // A process can be made such that capabilities stay (SECBIT_NO_SETUID_FIXUP).
            if (user.uid() != 0 && (Kernel.MEMORY.getInt(sets) & FILE_CAPABILITIES) != 0) {
                throw new LinuxException(Errno.EPERM.number(), "giving up capabilities");
            }
        }
    }

    /**
     * Makes a call as {@link Kernel#raw} does.
     *
     * @throws LinuxException EPERM if this thread did not get the user's rights; then there was no call
     */
    long raw(int number, long a, long b, long c, long d, long e, long f) {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread has no rights of its own");
        }
        // Not to be asked for in between.
        Groups own = Own.GROUPS;
        if (!groups.set()) {
            throw refused();
        }
        try {
            if (!set(Sys.SETFSGID, user.gid()) || !set(Sys.SETFSUID, user.uid())) {
                throw refused();
            }
            return Kernel.raw(number, a, b, c, d, e, f);
        } finally {
            giveBack(own);
        }
    }

    private static LinuxException refused() {
        return new LinuxException(Errno.EPERM.number(), "setfsuid");
    }

    private static void giveBack(Groups own) {
        if (!(set(Sys.SETFSUID, Own.UID) & set(Sys.SETFSGID, Own.GID) & own.set())) {
            throw new IllegalStateException("a thread did not get its own rights back");
        }
    }

    private static boolean set(int call, long id) {
        Kernel.raw(call, id, 0, 0, 0, 0, 0);
        return Kernel.raw(call, QUERY, 0, 0, 0, 0, 0) == id;
    }

    /** Supplementary groups as the kernel takes them. */
    private record Groups(MemorySegment ids, long count) {
        static Groups of(List<Long> numbers) {
            // One more, for there is no address of nothing.
            MemorySegment ids = Arena.ofAuto().allocate(ValueLayout.JAVA_INT, numbers.size() + 1L);
            for (int i = 0; i < numbers.size(); i++) {
                ids.setAtIndex(ValueLayout.JAVA_INT, i, (int) (long) numbers.get(i));
            }
            return new Groups(ids, numbers.size());
        }

        static Groups ofThisThread() {
            long count = Kernel.call("getgroups", Sys.GETGROUPS, 0, 0);
            MemorySegment ids = Arena.ofAuto().allocate(ValueLayout.JAVA_INT, count + 1);
            return new Groups(ids, Kernel.call("getgroups", Sys.GETGROUPS, count, ids.address()));
        }

        boolean set() {
            return Kernel.raw(Sys.SETGROUPS, count, ids.address(), 0, 0, 0, 0) == 0;
        }
    }
}
