package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.io.ByteArrayInputStream;
import java.io.InputStream;

/**
 * Input from a Java stream. Bytes in memory are read directly. Any other stream might wait for ever, so from the first
 * use on a thread of its own feeds it into a pipe, which can be polled and whose readers can be interrupted; that
 * thread reads up to a pipe's content ahead of the guest.
 */
final class StreamInput extends Handle {
    private final InputStream stream;
    private HostFile pipe;

    StreamInput(InputStream stream) {
        this.stream = stream;
    }

    @Override
    FileType type() {
        return FileType.UNKNOWN;
    }

    private boolean isInMemory() {
        return stream instanceof ByteArrayInputStream;
    }

    @Override
    int pollDescriptor() {
        return isInMemory() ? ALWAYS_READY : pipe().pollDescriptor();
    }

    @Override
    long available() {
        return stream instanceof ByteArrayInputStream bytes ? bytes.available() : pipe().available();
    }

    @Override
    long read(Vectors vectors, boolean nonblocking, Waiter waiter) {
        if (!(stream instanceof ByteArrayInputStream bytes)) {
            return pipe().read(vectors, nonblocking, waiter);
        }
        vectors.prepare();
        byte[] chunk = new byte[(int) Math.min(vectors.total(), bytes.available())];
        int count = Math.max(0, bytes.read(chunk, 0, chunk.length));
        vectors.fromBytes(chunk, count);
        vectors.scatter(count);
        return count;
    }

    private HostFile pipe() {
        if (pipe == null) {
            Descriptors.Pipe ends = Descriptors.pipe(OpenFlags.CLOSE_ON_EXEC);
            Descriptors.setFlags(ends.reader(), OpenFlags.NONBLOCK);
            pipe = new HostFile(ends.reader(), HostFile.Ownership.GUEST, Paths.OWN, true);
            StreamFeed.start(stream, ends.writer());
        }
        return pipe;
    }

    @Override
    public void close() {
        if (pipe != null) {
            pipe.close();
        }
    }
}
