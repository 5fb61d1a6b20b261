package dev.skiff.wasi;

import dev.skiff.wasm.Memory;

/** What a guest waits for: the type {@code subscription}. */
sealed interface Subscription {
    /** Bytes in the guest's memory. */
    int SIZE = 48;

    int CLOCK = 0;
    int FD_READ = 1;
    int FD_WRITE = 2;

    int ABSOLUTE = 1;

    /** The guest's mark, which its event carries. */
    long userdata();

    /** The kind of its event. */
    int type();

    /**
     * A time.
     *
     * @param timeout nanoseconds, unsigned; from now on unless absolute
     */
    record Clock(long userdata, int clock, long timeout, boolean absolute) implements Subscription {
        @Override
        public int type() {
            return CLOCK;
        }
    }

    /** A descriptor from which one can read, or to which one can write. */
    record Fd(long userdata, int fd, boolean reads) implements Subscription {
        @Override
        public int type() {
            return reads ? FD_READ : FD_WRITE;
        }
    }

    /**
     * Reads one that was checked to lie within the memory.
     *
     * @throws Failure EINVAL for an unknown kind or flag
     */
    static Subscription read(Memory memory, long at) {
        long userdata = memory.getLong(at);
        int type = memory.getByte(at + 8);
        return switch (type) {
            case CLOCK -> {
                int flags = memory.getShort(at + 40);
                if ((flags & ~ABSOLUTE) != 0) {
                    throw Errno.EINVAL.failure();
                }
                yield new Clock(userdata, memory.getInt(at + 16), memory.getLong(at + 24), flags == ABSOLUTE);
            }
            case FD_READ, FD_WRITE -> new Fd(userdata, memory.getInt(at + 16), type == FD_READ);
            default -> throw Errno.EINVAL.failure();
        };
    }
}
