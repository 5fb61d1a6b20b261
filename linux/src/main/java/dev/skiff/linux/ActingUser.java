package dev.skiff.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Makes single system calls with the rights that a {@link FileUser} has to files. Thread-safe.
 *
 * <p>In Linux these rights are the thread's: setfsuid(2), setfsgid(2) and, made as raw system calls, setgroups(2) and capset(2). Between taking rights and giving
 * them back there is the system call and nothing else: whatever Java does at the same time, such as loading a class, or starting a thread, which would inherit
 * them, it does with its own.
 *
 * <p>With a user other than 0 the kernel takes those capabilities away that are to files alone, see capabilities(7), and gives them back with 0. The others go too:
 * files remember with which they were opened, and calls on paths ask for more than those to files, such as CAP_SYS_RESOURCE for space that is reserved,
 * CAP_SYS_ADMIN for files beyond the machine's limit, CAP_SYS_PTRACE in /proc and many for devices.
 *
 * <p>setfsuid(2) does not say whether it has worked, so it is asked again. Should a thread keep a user's rights, because its stack is full in the wrong moment, these
 * are not more than its own, and the next call takes and gives back all of them again.
 */
final class ActingUser {
    /** What setfsuid(2) and setfsgid(2) take for a question. */
    private static final long QUERY = 0xffff_ffffL;

    private final FileUser user;
    private final Groups groups;
    private final ThreadCapabilities capabilities;
    /** Whether it is more than capabilities that is taken. */
    private final boolean changesIds;

    private ActingUser(FileUser user) {
        this.user = user;
        groups = Groups.of(user.groups());
        capabilities = Own.CAPABILITIES.limitedTo(user.capabilities());
        changesIds = !user.isRoot();
    }

    /** What this process's threads have. */
    private static final class Own {
        static final long UID = Kernel.raw(Sys.SETFSUID, QUERY, 0, 0, 0, 0, 0);
        static final long GID = Kernel.raw(Sys.SETFSGID, QUERY, 0, 0, 0, 0, 0);
        static final Groups GROUPS = Groups.ofThisThread();
        static final ThreadCapabilities CAPABILITIES = ThreadCapabilities.ofThisThread();
    }

    /**
     * Tries a user.
     *
     * @return nothing if the user has the rights that this process has
     * @throws LinuxException EPERM if this process may not act as the user
     */
    static Optional<ActingUser> of(FileUser user) {
        ActingUser acting = new ActingUser(user);
        if (!acting.changesIds && acting.capabilities.effective() == Own.CAPABILITIES.effective()) {
            return Optional.empty();
        }
        if (!acting.changesIds) {
            // To have fewer capabilities needs no right, and so no trial.
            return Optional.of(acting);
        }
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
        return Optional.of(acting);
    }

    private void requireRights() {
        // Does nothing.
        raw(Sys.CLOSE, -1, 0, 0, 0, 0, 0);
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
        if (changesIds && !takeGroups()) {
            throw refused();
        }
        boolean taken = false;
        long result = 0;
        try {
            taken = take();
            if (taken) {
                result = Kernel.raw(number, a, b, c, d, e, f);
            }
        } finally {
            giveBack(own);
        }
        if (!taken) {
            throw refused();
        }
        return result;
    }

    private LinuxException refused() {
        return new LinuxException(Errno.EPERM.number(), changesIds ? "setfsuid" : "capset");
    }

    private boolean takeGroups() {
        // A thread that kept a user's rights lacks the one to change groups, and may have it back.
        return groups.set() || (Own.CAPABILITIES.set() && groups.set());
    }

    private boolean take() {
        boolean ids = !changesIds || (set(Sys.SETFSGID, user.gid()) && set(Sys.SETFSUID, user.uid()));
        return ids && capabilities.set();
    }

    /** The user first, with whom the kernel gives capabilities; the groups last, which take one. */
    private void giveBack(Groups own) {
        boolean ids = !changesIds || (set(Sys.SETFSUID, Own.UID) & set(Sys.SETFSGID, Own.GID));
        boolean rest = Own.CAPABILITIES.set() & (!changesIds || own.set());
        if (!(ids & rest)) {
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
