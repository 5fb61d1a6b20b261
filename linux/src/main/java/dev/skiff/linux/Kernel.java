package dev.skiff.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import jdk.internal.misc.CarrierThreadLocal;
import jdk.internal.misc.Unsafe;

/**
 * The one door to the kernel: the C library's {@code syscall} function with six word-sized arguments.
 *
 * <p>One handle serves every call, so binding a new call costs nothing at start-up, and the calls that the C library
 * has no function for ({@code openat2}, {@code getdents64}) need no special treatment. Both machines pass the arguments
 * of this variadic function in the same registers as fixed ones.
 */
final class Kernel {
    /** Accessor for structures in native memory; cheaper to start than layouts and var handles. */
    static final Unsafe MEMORY = Unsafe.getUnsafe();

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemorySegment ADDRESS = LINKER.defaultLookup()
            .find("syscall")
            .orElseThrow(() -> new UnsupportedOperationException("the C library has no function 'syscall'"));

    /** Takes the function's address with each call: a handle that has it bound takes longer to make. */
    private static final MethodHandle SYSCALL = LINKER.downcallHandle(
            FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.captureCallState("errno"));

    /**
     * Where the stub leaves errno. Per carrier suffices: a thread cannot be unmounted between the return of the native
     * call and the read that follows it.
     */
    private static final CarrierThreadLocal<MemorySegment> ERRNO = new CarrierThreadLocal<>() {
        @Override
        protected MemorySegment initialValue() {
            return Arena.ofAuto().allocate(JAVA_INT);
        }
    };

    private Kernel() {}

    /** Makes a call that does nothing, so that the next one need not prepare anything. */
    static void prepare() {
        raw(Sys.CLOSE, -1, 0, 0, 0, 0, 0);
    }

    /** Makes a call; answers its result, or the negated error number. */
    static long raw(int number, long a, long b, long c, long d, long e, long f) {
        MemorySegment errno = ERRNO.get();
        long result;
        try {
            result = (long) SYSCALL.invokeExact(ADDRESS, errno, (long) number, a, b, c, d, e, f);
        } catch (Throwable t) {
            throw new AssertionError("a system call stub threw", t);
        }
        return result == -1 ? -MEMORY.getInt(errno.address()) : result;
    }

    /** Makes a call; throws when it fails. */
    static long call(String name, int number, long a, long b, long c, long d, long e, long f) {
        return check(name, raw(number, a, b, c, d, e, f));
    }

    static long call(String name, int number, long a, long b, long c, long d) {
        return call(name, number, a, b, c, d, 0, 0);
    }

    static long call(String name, int number, long a, long b, long c) {
        return call(name, number, a, b, c, 0, 0, 0);
    }

    static long call(String name, int number, long a, long b) {
        return call(name, number, a, b, 0, 0, 0, 0);
    }

    static long call(String name, int number, long a) {
        return call(name, number, a, 0, 0, 0, 0, 0);
    }

    /** Passes a result on, or throws for a negated error number (which the kernel keeps within 4095). */
    static long check(String name, long result) {
        if (result < 0 && result >= -4095) {
            throw new LinuxException((int) -result, name);
        }
        return result;
    }
}
