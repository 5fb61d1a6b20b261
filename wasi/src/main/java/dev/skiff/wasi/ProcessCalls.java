package dev.skiff.wasi;

import dev.skiff.linux.Entropy;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.NativeMemory;
import dev.skiff.wasm.Caller;
import dev.skiff.wasm.Memory;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Arguments, environment, clocks, random numbers, and the end: the calls that need no descriptor. */
final class ProcessCalls {
    private static final int RANDOM_PIECE = 65_536;

    private ProcessCalls() {}

    static int argsGet(int pointers, int bytes, Caller caller) {
        try {
            Guest.wasi(caller).config().args().copy(caller.memory(), pointers, bytes);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int argsSizesGet(int count, int size, Caller caller) {
        try {
            Guest.wasi(caller).config().args().sizes(caller.memory(), count, size);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int environGet(int pointers, int bytes, Caller caller) {
        try {
            Guest.wasi(caller).config().env().copy(caller.memory(), pointers, bytes);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int environSizesGet(int count, int size, Caller caller) {
        try {
            Guest.wasi(caller).config().env().sizes(caller.memory(), count, size);
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int clockResGet(int clock, int result, Caller caller) {
        try {
            caller.memory()
                    .putLong(Guest.unsigned(result), Guest.wasi(caller).clocks().resolution(clock));
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    /** The precision that the guest asks for is only a hint; every clock is as fine as it may be. */
    static int clockTimeGet(int clock, long precision, int result, Caller caller) {
        try {
            caller.memory()
                    .putLong(Guest.unsigned(result), Guest.wasi(caller).clocks().time(clock));
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int randomGet(int buffer, int length, Caller caller) {
        try {
            Optional<RandomGenerator> source = Guest.wasi(caller).config().random();
            Memory memory = caller.memory();
            long size = Guest.unsigned(length);
            Guest.check(memory, buffer, size);
            for (long done = 0; done < size; done += RANDOM_PIECE) {
                if (done > 0) {
                    caller.store().checkpoint();
                }
                int piece = (int) Math.min(RANDOM_PIECE, size - done);
                if (source.isPresent()) {
                    byte[] bytes = new byte[piece];
                    source.get().nextBytes(bytes);
                    memory.write(Guest.unsigned(buffer) + done, bytes);
                } else {
                    fill(memory, Guest.unsigned(buffer) + done, piece);
                }
            }
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    private static void fill(Memory memory, long offset, int length) {
        if (memory.isNative()) {
            fill(memory.segment(offset, length).address(), length);
            return;
        }
        long bounce = NativeMemory.allocate(length);
        try {
            fill(bounce, length);
            byte[] bytes = new byte[length];
            NativeMemory.read(bounce, bytes, 0, length);
            memory.write(offset, bytes);
        } finally {
            NativeMemory.free(bounce);
        }
    }

    private static void fill(long address, int length) {
        for (int done = 0; done < length; ) {
            try {
                done += (int) Entropy.fill(address + done, length - done);
            } catch (LinuxException e) {
                if (e.errno() != dev.skiff.linux.Errno.EINTR) {
                    throw e;
                }
            }
        }
    }

    static void procExit(int code, Caller caller) {
        throw new WasiExit(code);
    }

    /** A guest that knows signals has handled it when this returns, unless its handler calls this. */
    static int procRaise(int signal, Caller caller) {
        try {
            GuestSignals signals = Guest.wasi(caller).signals();
            if (signal == 0) {
                return 0;
            }
            if (!Signals.isSignal(signal)) {
                return Errno.EINVAL.code();
            }
            if (signals.areKnown() && Signals.canBeHandled(signal)) {
                signals.raise(signal);
                signals.deliver();
            } else if (Signals.ends(signal)) {
                throw new WasiSignalled(signal);
            }
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }

    static int schedYield(Caller caller) {
        try {
            Guest.wasi(caller);
            Thread.yield();
            caller.store().checkpoint();
            return 0;
        } catch (RuntimeException e) {
            return Errno.codeOf(e);
        }
    }
}
