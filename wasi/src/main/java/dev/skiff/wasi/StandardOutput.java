package dev.skiff.wasi;

import java.io.OutputStream;

/** Where a guest's standard output or standard error goes. */
public sealed interface StandardOutput {
    /** Nowhere: writing succeeds. */
    StandardOutput DISCARD = new Stream(OutputStream.nullOutputStream());
    /** Not there at all: writing answers EBADF. */
    StandardOutput CLOSED = new Closed();
    /** The standard output of this process. */
    StandardOutput INHERIT_OUT = new HostDescriptor(1);
    /** The standard error of this process. */
    StandardOutput INHERIT_ERR = new HostDescriptor(2);

    /**
     * An open file descriptor of this process, which stays open and in the mode that it is in.
     *
     * @param fd the descriptor
     */
    record HostDescriptor(int fd) implements StandardOutput {}

    /**
     * A Java stream. Written and flushed on the guest's thread, in pieces of at most 1 MiB; a stream that blocks holds
     * the guest up, even when the guest is interrupted. Not closed with the guest.
     *
     * @param stream the stream
     */
    record Stream(OutputStream stream) implements StandardOutput {}

    /** See {@link #CLOSED}. */
    record Closed() implements StandardOutput {}
}
