package dev.skiff.wasm.internal.binary;

import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;

/**
 * Validates all bodies of a module, in parallel if they are large. Of several errors the one in the function with the
 * lowest index is thrown, whatever the threads do.
 *
 * <p>The caller's thread does its share and needs nobody else: helpers that the pool starts too late find nothing left
 * to do, and the caller waits only for those that have begun.
 *
 * <p>No lambdas here and in the rest of decoding: a process that starts would pay milliseconds to link the first one.
 */
final class BodyValidation implements Runnable {
    private static final int PARALLEL_BYTES = 256 << 10;
    private static final int BATCH_BYTES = 64 << 10;
    private static final int MAX_HELPERS = 15;

    private final Definitions module;
    private final Bodies bodies;
    private final Map<Integer, String> names;

    // All below: guarded by this.
    private final FeatureSet features = new FeatureSet();
    private int next;
    private int running;
    private boolean closed;
    private int failedBody = Integer.MAX_VALUE;
    private Throwable failure;

    private record Batch(int from, int to) {}

    BodyValidation(Definitions module, Bodies bodies, Map<Integer, String> names) {
        this.module = module;
        this.bodies = bodies;
        this.names = names;
    }

    /** Validates, and answers what the bodies need. */
    FeatureSet validate() {
        if (bodies.bytes() > PARALLEL_BYTES) {
            startHelpers();
        }
        work();
        awaitHelpers();
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        return features;
    }

    private void startHelpers() {
        int batches = bodies.bytes() / BATCH_BYTES;
        int helpers = Math.min(Math.min(Runtime.getRuntime().availableProcessors() - 1, MAX_HELPERS), batches);
        try {
            for (int i = 0; i < helpers; i++) {
                ForkJoinPool.commonPool().execute(this);
            }
        } catch (RejectedExecutionException _) {
            // The pool is shutting down with the process; the caller's thread does it all.
        }
    }

    /** A helper's share. */
    @Override
    public void run() {
        synchronized (this) {
            if (closed) {
                return;
            }
            running++;
        }
        try {
            work();
        } finally {
            synchronized (this) {
                running--;
                notifyAll();
            }
        }
    }

    private synchronized void awaitHelpers() {
        closed = true;
        boolean interrupted = false;
        while (running > 0) {
            try {
                wait();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        FunctionValidator validator = new FunctionValidator(module, new Site(names));
        for (Batch batch = take(); batch != null; batch = take()) {
            validate(validator, batch);
        }
        synchronized (this) {
            features.addAll(validator.features());
        }
    }

    private void validate(FunctionValidator validator, Batch batch) {
        int body = batch.from();
        try {
            for (; body < batch.to(); body++) {
                validator.validate(module.importedFunctions + body, bodies.start(body), bodies.end(body));
            }
        } catch (RuntimeException | Error thrown) {
            fail(body, thrown);
        }
    }

    /** The next bodies to validate, or null when there are no more. Bodies after a failed one are never handed out. */
    private synchronized Batch take() {
        int from = next;
        int limit = Math.min(bodies.size(), failedBody);
        if (from >= limit) {
            return null;
        }
        int to = from + 1;
        while (to < limit && bodies.end(to) - bodies.start(from) <= BATCH_BYTES) {
            to++;
        }
        next = to;
        return new Batch(from, to);
    }

    private synchronized void fail(int body, Throwable thrown) {
        if (body < failedBody) {
            failedBody = body;
            failure = thrown;
        }
    }
}
