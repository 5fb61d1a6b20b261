package dev.skiff.wasi;

import java.io.ByteArrayInputStream;
import java.io.InputStream;

/** Where a guest's standard input comes from. */
public sealed interface StandardInput {
    /** Nothing: at its end from the start. */
    StandardInput EMPTY = new Stream(new ByteArrayInputStream(new byte[0]));
    /** Not there at all: reading answers EBADF. */
    StandardInput CLOSED = new Closed();
    /** The standard input of this process. */
    StandardInput INHERIT = new HostDescriptor(0);

    /**
     * An open file descriptor of this process, which stays open and in the mode that it is in.
     *
     * @param fd the descriptor
     */
    record HostDescriptor(int fd) implements StandardInput {}

    /**
     * A Java stream. Unless it is a {@link ByteArrayInputStream}, a thread reads it ahead of the guest, up to 64 KiB
     * and a little more, from the guest's first use on. Not closed with the guest.
     *
     * @param stream the stream
     */
    record Stream(InputStream stream) implements StandardInput {}

    /** See {@link #CLOSED}. */
    record Closed() implements StandardInput {}
}
