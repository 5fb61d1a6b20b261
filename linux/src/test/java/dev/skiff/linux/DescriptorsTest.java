package dev.skiff.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorsTest {
    private static final int PIPE = OpenFlags.CLOSE_ON_EXEC | OpenFlags.NONBLOCK;

    @TempDir
    Path dir;

    private int create(String name, int flags) {
        return Paths.OWN.open(dir.resolve(name).toString(), OpenFlags.CREATE | OpenFlags.CLOSE_ON_EXEC | flags, 0600);
    }

    @Test
    void aFileIsWrittenSoughtAndRead() throws Exception {
        int fd = create("f", OpenFlags.READ_WRITE);
        try (Buffer hello = Buffer.of("hello");
                Buffer in = new Buffer(16)) {
            assertThat(Descriptors.writev(fd, hello.vectors, 1)).isEqualTo(5);
            assertThat(Descriptors.pwritev(fd, hello.vectors, 1, 10)).isEqualTo(5);
            assertThat(Descriptors.seek(fd, 0, Descriptors.SEEK_CUR)).isEqualTo(5);
            assertThat(Descriptors.seek(fd, -5, Descriptors.SEEK_END)).isEqualTo(10);
            assertThat(Descriptors.readv(fd, in.vectors, 1)).isEqualTo(5);
            assertThat(in.text(5)).isEqualTo("hello");
            assertThat(Descriptors.preadv(fd, in.vectors, 1, 12)).isEqualTo(3);
            assertThat(in.text(3)).isEqualTo("llo");
            assertThat(Descriptors.read(fd, in.address, 16)).isZero();
        }
        Descriptors.allocate(fd, 0, 100);
        Descriptors.advise(fd, 0, 0, Descriptors.ADVICE_SEQUENTIAL);
        Descriptors.syncData(fd);
        Descriptors.sync(fd);
        assertThat(Files.size(dir.resolve("f"))).isEqualTo(100);
        Descriptors.truncate(fd, 3);
        assertThat(Files.readString(dir.resolve("f"))).isEqualTo("hel");
        assertThat(Descriptors.isTerminal(fd)).isFalse();
        Descriptors.close(fd);
    }

    @Test
    void flagsCanBeReadAndChanged() {
        int fd = create("f", OpenFlags.WRITE_ONLY);
        Descriptors.setFlags(fd, OpenFlags.APPEND);
        assertThat(Descriptors.flags(fd) & OpenFlags.APPEND).isNotZero();
        int copy = Descriptors.duplicate(fd);
        assertThat(Descriptors.flags(copy) & OpenFlags.ACCESS_MODE).isEqualTo(OpenFlags.WRITE_ONLY);
        Descriptors.close(fd);
        Descriptors.close(copy);
    }

    @Test
    void anEmptyPipeDoesNotBlockANonblockingReader() {
        Descriptors.Pipe pipe = Descriptors.pipe(PIPE);
        try (Buffer in = new Buffer(16);
                Buffer out = Buffer.of("x")) {
            assertThatThrownBy(() -> Descriptors.readv(pipe.reader(), in.vectors, 1))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EAGAIN));
            Descriptors.write(pipe.writer(), out.address, 1);
            assertThat(Descriptors.available(pipe.reader())).isEqualTo(1);
            Descriptors.close(pipe.writer());
            assertThat(Descriptors.read(pipe.reader(), in.address, 16)).isEqualTo(1);
            assertThat(Descriptors.read(pipe.reader(), in.address, 16)).isZero();
        }
        Descriptors.close(pipe.reader());
    }

    @Test
    void pollSeesEventsAndTimesOut() {
        int counter = Descriptors.eventCounter(Descriptors.EFD_CLOEXEC | Descriptors.EFD_NONBLOCK);
        try (Buffer set = new Buffer(16)) {
            Polling.put(set.address, 0, counter, Polling.IN);
            Polling.put(set.address, 1, -1, Polling.IN);
            long start = System.nanoTime();
            assertThat(Polling.poll(set.address, 2, 20_000_000)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
            Descriptors.addEvent(counter);
            assertThat(Polling.poll(set.address, 2, Polling.FOREVER)).isEqualTo(1);
            assertThat(Polling.seen(set.address, 0)).isEqualTo(Polling.IN);
            assertThat(Polling.seen(set.address, 1)).isZero();
            Descriptors.addEvent(counter);
            assertThat(Descriptors.takeEvents(counter)).isEqualTo(2);
            assertThat(Polling.poll(set.address, 2, 0)).isZero();
            assertThatThrownBy(() -> Descriptors.takeEvents(counter)).hasMessageContaining("EAGAIN");
        }
        Descriptors.close(counter);
    }

    @Test
    void clocksAndRandomNumbersWork() {
        assertThat(Clocks.time(Clocks.MONOTONIC)).isBetween(System.nanoTime() - 1_000_000_000L, System.nanoTime());
        assertThat(Clocks.time(Clocks.THREAD_CPU)).isPositive();
        assertThat(Clocks.resolution(Clocks.REALTIME)).isBetween(1L, 10_000_000L);
        assertThatThrownBy(() -> Clocks.time(99)).hasMessageContaining("EINVAL");
        try (Buffer buffer = new Buffer(64)) {
            assertThat(Entropy.fill(buffer.address, 64)).isEqualTo(64);
            assertThat(NativeMemory.getLong(buffer.address)).isNotEqualTo(NativeMemory.getLong(buffer.address + 8));
        }
    }

    @Test
    void virtualThreadsMayCallToo() throws Exception {
        Thread[] threads = new Thread[50];
        int[] failures = new int[threads.length];
        for (int i = 0; i < threads.length; i++) {
            int index = i;
            threads[i] = Thread.ofVirtual().start(() -> {
                for (int n = 0; n < 1_000; n++) {
                    try {
                        Paths.OWN.open(Paths.CURRENT_DIRECTORY, ("none" + index).getBytes(), 0, 0);
                    } catch (LinuxException e) {
                        failures[index] += e.errno() == Errno.ENOENT ? 1 : 0;
                    }
                }
            });
        }
        for (int i = 0; i < threads.length; i++) {
            threads[i].join();
            assertThat(failures[i]).isEqualTo(1_000);
        }
    }
}
