package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;

/** A call of a guest on a thread of its own, for tests. Closing it interrupts the guest's store and waits for the end. */
final class Run implements AutoCloseable {
    final Thread thread;
    /** What the call threw; null if nothing. Of a run that is over. */
    volatile Throwable failure;

    volatile boolean interruptedAtItsEnd;
    private final Store store;

    private Run(Store store, Runnable call) {
        this.store = store;
        thread = Thread.ofPlatform().daemon().unstarted(() -> {
            try {
                call.run();
            } catch (RuntimeException | Error thrown) {
                failure = thrown;
            }
            interruptedAtItsEnd = Thread.currentThread().isInterrupted();
        });
    }

    static Run of(Guest guest, String export, Object... args) {
        return of(guest.store(), () -> guest.run(export, args));
    }

    static Run of(Store store, Runnable call) {
        Run run = new Run(store, call);
        run.thread.start();
        return run;
    }

    /** Processor time that it has taken. */
    long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
    }

    /** Waits until it has used more of the processor. */
    void awaitWork() throws InterruptedException {
        long before = cpuNanos();
        while (cpuNanos() - before < 20_000_000) {
            assertThat(thread.isAlive()).isTrue();
            Thread.sleep(1);
        }
    }

    /** Waits until the engine holds it back. */
    void awaitHold() throws InterruptedException {
        while (thread.getState() != Thread.State.TIMED_WAITING || LockSupport.getBlocker(thread) == null) {
            assertThat(thread.isAlive()).isTrue();
            Thread.sleep(1);
        }
    }

    /** Waits until the engine holds it back and it uses no processor any more. */
    void awaitRest() throws InterruptedException {
        long before;
        do {
            awaitHold();
            before = cpuNanos();
            Thread.sleep(50);
        } while (cpuNanos() != before);
    }

    void awaitEnd() throws InterruptedException {
        thread.join();
    }

    void assertEndsWith(TrapCode code) throws InterruptedException {
        awaitEnd();
        assertThat(failure).isInstanceOf(Trap.class);
        assertThat(((Trap) failure).code()).isEqualTo(code);
    }

    @Override
    public void close() throws InterruptedException {
        store.interrupt();
        awaitEnd();
    }
}
