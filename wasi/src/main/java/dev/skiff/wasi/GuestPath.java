package dev.skiff.wasi;

import java.util.Arrays;

/**
 * A path as a guest gave it: relative, not empty, at most 4,095 bytes, without a zero byte. Its bytes are handed to the
 * kernel as they are, whatever their encoding.
 */
final class GuestPath {
    private static final int MAX_BYTES = 4_095;
    private static final byte[] NONE = {};

    private final byte[] bytes;
    /** Where the last component starts and ends; slashes at the end are outside of it. */
    private final int start;

    private final int end;

    private GuestPath(byte[] bytes) {
        this.bytes = bytes;
        int e = bytes.length;
        while (e > 0 && bytes[e - 1] == '/') {
            e--;
        }
        int s = e;
        while (s > 0 && bytes[s - 1] != '/') {
            s--;
        }
        start = s;
        end = e;
    }

    /**
     * Checks a path.
     *
     * @throws Failure ENOENT for an empty one, ENAMETOOLONG, EINVAL for a zero byte, ENOTCAPABLE for an absolute one
     */
    static GuestPath of(byte[] bytes) {
        if (bytes.length == 0) {
            throw Errno.ENOENT.failure();
        }
        if (bytes.length > MAX_BYTES) {
            throw Errno.ENAMETOOLONG.failure();
        }
        for (byte b : bytes) {
            if (b == 0) {
                throw Errno.EINVAL.failure();
            }
        }
        if (bytes[0] == '/') {
            throw Errno.ENOTCAPABLE.failure();
        }
        return new GuestPath(bytes);
    }

    /** The whole path, slashes at its end included. */
    byte[] bytes() {
        return bytes;
    }

    /** What comes before the last component; empty if it is the only one. */
    byte[] parent() {
        return start == 0 ? NONE : Arrays.copyOf(bytes, start);
    }

    /** The last component, without slashes. */
    byte[] name() {
        return start == 0 && end == bytes.length ? bytes : Arrays.copyOfRange(bytes, start, end);
    }

    /** The last component, with one slash if there are some at the end of the path. */
    byte[] nameWithSlash() {
        return endsInSlash() ? Arrays.copyOfRange(bytes, start, end + 1) : name();
    }

    /** Whether the path ends in a slash, so that it can only mean a directory. */
    boolean endsInSlash() {
        return end < bytes.length;
    }

    /** Whether it is one component that is a proper name, without a slash. */
    boolean isPlainName() {
        return start == 0 && end == bytes.length && !endsInDots();
    }

    /** Whether the last component is {@code .} or {@code ..}. */
    boolean endsInDots() {
        return endsInDot() || endsInDotDot();
    }

    /** Whether the last component is {@code .}. */
    boolean endsInDot() {
        return end - start == 1 && bytes[start] == '.';
    }

    /** Whether the last component is {@code ..}. */
    boolean endsInDotDot() {
        return end - start == 2 && bytes[start] == '.' && bytes[start + 1] == '.';
    }
}
