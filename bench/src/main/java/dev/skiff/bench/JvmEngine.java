package dev.skiff.bench;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An engine that runs in this JVM, as far as the driver's commands need it. */
interface JvmEngine {
    /**
     * Makes an instance, without calling anything. WASI is offered with nothing granted, {@code env.tick} adds one to its
     * argument, every other imported function answers zero.
     *
     * @param cache where compiled code may be kept
     * @throws Absent if the engine cannot do this
     */
    JvmGuest instantiate(byte[] module, Optional<Path> cache);

    /** Compiles a WASI command. */
    Command compile(byte[] module);

    /** A compiled WASI command. */
    interface Command {
        /**
         * Makes an instance and runs it to its end.
         *
         * @param args the guest's arguments, its name first
         * @return the instance, which is kept alive until it is closed
         */
        Kept run(List<String> args, OutputStream stdout);
    }

    /**
     * An instance that ran.
     *
     * @param instance what must stay reachable
     * @param resource what closing it closes
     */
    record Kept(Object instance, AutoCloseable resource) implements AutoCloseable {
        @Override
        public void close() {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException("closing an instance failed", e);
            }
        }
    }

    /** What an engine cannot do, with the reason. */
    final class Absent extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Absent(String reason) {
            super(reason);
        }
    }
}
