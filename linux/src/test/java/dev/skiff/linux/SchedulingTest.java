package dev.skiff.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The niceness of threads. */
class SchedulingTest {
    @Test
    void aThreadHasANicenessOfItsOwn() throws InterruptedException {
        CompletableFuture<Integer> set = new CompletableFuture<>();
        CompletableFuture<Integer> ofOther = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            Scheduling.setNiceness(Scheduling.THIS_THREAD, 3);
            set.complete(Scheduling.niceness(Scheduling.thread()));
            Thread started =
                    Thread.ofPlatform().start(() -> ofOther.complete(Scheduling.niceness(Scheduling.THIS_THREAD)));
            join(started);
        });
        thread.join();

        assertThat(set.join()).isEqualTo(3);
        assertThat(ofOther.join()).as("of one that it started").isEqualTo(3);
        assertThat(Scheduling.niceness(Scheduling.THIS_THREAD)).isZero();
    }

    @Test
    void itIsSetByOtherThreadsToo() throws InterruptedException {
        CompletableFuture<Integer> number = new CompletableFuture<>();
        CountDownLatch end = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().start(() -> {
            number.complete(Scheduling.thread());
            await(end);
        });

        Scheduling.setNiceness(number.join(), 4);

        assertThat(Scheduling.niceness(number.join())).isEqualTo(4);
        end.countDown();
        thread.join();
    }

    @Test
    void itEndsWithTheRangeOfTheKernel() throws InterruptedException {
        CompletableFuture<Integer> most = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            Scheduling.setNiceness(Scheduling.THIS_THREAD, 1000);
            most.complete(Scheduling.niceness(Scheduling.THIS_THREAD));
        });
        thread.join();

        assertThat(most.join()).isBetween(1, 39);
    }

    @Test
    void thereIsNoneOfAThreadThatIsNotThere() {
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> Scheduling.niceness(Integer.MAX_VALUE))
                .matches(e -> e.errno() == Errno.ESRCH);
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> Scheduling.setNiceness(Integer.MAX_VALUE, 1))
                .matches(e -> e.errno() == Errno.ESRCH);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
