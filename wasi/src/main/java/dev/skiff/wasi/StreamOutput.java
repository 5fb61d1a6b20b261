package dev.skiff.wasi;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Output to a Java stream. Each write is passed on whole and flushed; it waits as long as the stream does. */
final class StreamOutput extends Handle {
    private static final int MOST = 1 << 20;

    private final OutputStream stream;

    StreamOutput(OutputStream stream) {
        this.stream = stream;
    }

    @Override
    FileType type() {
        return FileType.UNKNOWN;
    }

    @Override
    long write(Vectors vectors, boolean nonblocking, Waiter waiter) {
        vectors.gather();
        byte[] bytes = vectors.toBytes(MOST);
        try {
            stream.write(bytes);
            stream.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.length;
    }

    @Override
    void sync() {}

    @Override
    void syncData() {}
}
