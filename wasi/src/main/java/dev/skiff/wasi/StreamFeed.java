package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.NativeMemory;
import java.io.IOException;
import java.io.InputStream;

/** Copies a Java stream into a pipe until either end is closed. */
final class StreamFeed implements Runnable {
    private static final int CHUNK = 8_192;

    private final InputStream stream;
    private final int pipe;

    private StreamFeed(InputStream stream, int pipe) {
        this.stream = stream;
        this.pipe = pipe;
    }

    /** Starts to copy; the writing end of the pipe, which blocks, belongs to the copy from now on. */
    static void start(InputStream stream, int pipe) {
        Thread.ofPlatform().daemon().name("skiff-stdin").start(new StreamFeed(stream, pipe));
    }

    @Override
    public void run() {
        byte[] chunk = new byte[CHUNK];
        long buffer = NativeMemory.allocate(CHUNK);
        try {
            for (int count = stream.read(chunk); count >= 0; count = stream.read(chunk)) {
                NativeMemory.write(chunk, 0, count, buffer);
                for (int done = 0; done < count; ) {
                    done += (int) write(buffer + done, count - done);
                }
            }
        } catch (IOException | LinuxException e) {
            // The guest sees the end of its input, or has closed it.
        } finally {
            NativeMemory.free(buffer);
            HostDirectory.closeQuietly(pipe);
        }
    }

    private long write(long address, int count) {
        try {
            return Descriptors.write(pipe, address, count);
        } catch (LinuxException e) {
            if (e.errno() == dev.skiff.linux.Errno.EINTR) {
                return 0;
            }
            throw e;
        }
    }
}
