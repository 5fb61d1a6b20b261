package dev.skiff.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * The capabilities of a thread as capset(2) takes them. Immutable.
 *
 * @param sets the lower halves of those that are effective, permitted and inheritable, then the upper ones
 */
record ThreadCapabilities(MemorySegment sets) {
    private static final int VERSION_3 = 0x2008_0522;
    /** Of the version, and of the calling thread. */
    private static final MemorySegment HEADER = Arena.ofAuto().allocateFrom(JAVA_INT, VERSION_3, 0);

    private static final int HALVES = 6;
    private static final int UPPER = 3;

    /** What the calling thread has. */
    static ThreadCapabilities ofThisThread() {
        MemorySegment sets = Arena.ofAuto().allocate(JAVA_INT, HALVES);
        Kernel.call("capget", Sys.CAPGET, HEADER.address(), sets.address());
        return new ThreadCapabilities(sets);
    }

    /** Those that are effective, as bits. */
    long effective() {
        return Integer.toUnsignedLong(sets.getAtIndex(JAVA_INT, 0)) | (long) sets.getAtIndex(JAVA_INT, UPPER) << 32;
    }

    /** With no others effective than these; what is permitted and inheritable stays. */
    ThreadCapabilities limitedTo(Set<Capability> capabilities) {
        long effective = effective() & Capability.bits(capabilities);
        MemorySegment limited = Arena.ofAuto().allocate(JAVA_INT, HALVES).copyFrom(sets);
        limited.setAtIndex(JAVA_INT, 0, (int) effective);
        limited.setAtIndex(JAVA_INT, UPPER, (int) (effective >>> 32));
        return new ThreadCapabilities(limited);
    }

    /** Gives them to the calling thread alone; answers whether it has them now. */
    boolean set() {
        return Kernel.raw(Sys.CAPSET, HEADER.address(), sets.address(), 0, 0, 0, 0) == 0;
    }
}
