package dev.skiff.wasm.internal.compile;

/**
 * Which locals hold addresses whose bytes up to some end are known to be in the first memory, because an access on every way
 * to here was checked. A memory never shrinks while code runs, so that what was in it stays in it. What is known is kept in
 * the order in which it was learned: where ways meet, what was learned since they parted is forgotten.
 */
final class CheckedAddresses {
    /** Of more, the oldest are forgotten, so that looking through them stays cheap. */
    private static final int MOST = 48;

    private final int[] locals = new int[MOST];
    private final long[] ends = new long[MOST];
    private final int[] times = new int[MOST];
    private int count;
    private int time;

    /** Whether the bytes from the address in a local up to an end, a distance from it, are in the memory. */
    boolean covers(int local, long end) {
        for (int i = 0; i < count; i++) {
            if (locals[i] == local && ends[i] >= end) {
                return true;
            }
        }
        return false;
    }

    /** The bytes from the address in a local up to an end have been found to be in the memory. */
    void learn(int local, long end) {
        if (count == MOST) {
            remove(0);
        }
        locals[count] = local;
        ends[count] = end;
        times[count++] = time++;
    }

    /** A local gets another value. */
    void forget(int local) {
        for (int i = count - 1; i >= 0; i--) {
            if (locals[i] == local) {
                remove(i);
            }
        }
    }

    private void remove(int index) {
        count--;
        System.arraycopy(locals, index + 1, locals, index, count - index);
        System.arraycopy(ends, index + 1, ends, index, count - index);
        System.arraycopy(times, index + 1, times, index, count - index);
    }

    /** A point in the code, for {@link #forgetSince}. */
    int now() {
        return time;
    }

    /** Forgets what was learned since a point in the code. */
    void forgetSince(int then) {
        while (count > 0 && times[count - 1] >= then) {
            count--;
        }
    }

    void forgetAll() {
        count = 0;
    }
}
