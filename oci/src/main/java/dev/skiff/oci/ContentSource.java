package dev.skiff.oci;

import java.io.IOException;
import java.io.InputStream;

/** Content that can be read from any place on, more than once. */
interface ContentSource {
    /** A stream that begins at an offset in bytes. */
    InputStream from(long offset) throws IOException;

    /** The content of a file or of the store. */
    static ContentSource of(java.nio.file.Path file) {
        return offset -> {
            java.nio.channels.FileChannel channel = java.nio.channels.FileChannel.open(file);
            channel.position(offset);
            return java.nio.channels.Channels.newInputStream(channel);
        };
    }

    /** Bytes in memory. */
    static ContentSource of(byte[] bytes) {
        return offset -> new java.io.ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset);
    }
}
