package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The frames of a zstd stream (RFC 8878, section 3) that hold data. The decompressor does not know skippable frames, in which
 * container tools keep tables of contents, and would take whatever window a frame asks for; so this looks at the headers of frames
 * and blocks first.
 */
final class ZstdFrames extends BulkInput {
    /** What every decoder should grant, and the most that the decompressor does. */
    private static final long MAX_WINDOW = 8L << 20;

    private static final int MAX_BLOCK = 128 << 10;
    private static final int MAGIC = 0xfd2fb528;
    private static final int SKIPPABLE = 0x184d2a50;
    private static final int RLE = 1;
    private static final int RESERVED = 3;

    private enum Next {
        FRAME,
        BLOCK,
        CHECKSUM
    }

    private final String layer;
    private Next next = Next.FRAME;
    private boolean hasChecksum;
    /** A header that was looked at and is still to be handed out. */
    private final byte[] header = new byte[18];

    private int headerAt;
    private int headerEnd;
    /** What follows the header and need not be looked at. */
    private int body;

    ZstdFrames(InputStream in, String layer) {
        super(in);
        this.layer = layer;
    }

    /** Whether these four bytes, as a little-endian number, start a frame. */
    static boolean isStart(int magic) {
        return magic == MAGIC || (magic & ~0xf) == SKIPPABLE;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (headerAt == headerEnd && body == 0) {
            if (!advance()) {
                return -1;
            }
        }
        if (headerAt < headerEnd) {
            int count = Math.min(length, headerEnd - headerAt);
            System.arraycopy(header, headerAt, bytes, offset, count);
            headerAt += count;
            return count;
        }
        int count = in.read(bytes, offset, Math.min(length, body));
        if (count < 0) {
            throw new EOFException("it ends within a block");
        }
        body -= count;
        return count;
    }

    private boolean advance() throws IOException {
        headerAt = 0;
        headerEnd = 0;
        switch (next) {
            case FRAME -> {
                return frame();
            }
            case BLOCK -> block();
            case CHECKSUM -> {
                take(4);
                next = Next.FRAME;
            }
        }
        return true;
    }

    private boolean frame() throws IOException {
        int count = in.readNBytes(header, 0, 4);
        if (count == 0) {
            return false;
        }
        headerEnd = count;
        take(4 - count);
        int magic = (int) number(0, 4);
        if (magic != MAGIC) {
            if (!isStart(magic)) {
                throw new IOException("a frame starts with 0x" + Integer.toHexString(magic));
            }
            take(4);
            in.skipNBytes(number(4, 4));
            headerEnd = 0;
            return true;
        }
        frameHeader();
        next = Next.BLOCK;
        return true;
    }

    private void frameHeader() throws IOException {
        take(1);
        int descriptor = header[4];
        boolean oneSegment = (descriptor & 0x20) != 0;
        hasChecksum = (descriptor & 4) != 0;
        if ((descriptor & 3) != 0) {
            throw new OciException(
                    Problem.UNSUPPORTED, layer + " is compressed with a zstd dictionary, which is in no image");
        }
        long window = 0;
        if (!oneSegment) {
            take(1);
            int exponent = (header[5] & 0xff) >> 3;
            int mantissa = header[5] & 7;
            long base = 1L << (10 + exponent);
            window = base + base / 8 * mantissa;
        }
        int sizeAt = headerEnd;
        int sizeLength = contentSizeLength(descriptor, oneSegment);
        take(sizeLength);
        if (oneSegment) {
            window = number(sizeAt, sizeLength) + (sizeLength == 2 ? 256 : 0);
        }
        if (window < 0 || window > MAX_WINDOW) {
            throw new OciException(
                    Problem.UNSUPPORTED,
                    layer + " is compressed with a zstd window of " + Long.toUnsignedString(window)
                            + " bytes, and Skiff reads up to " + MAX_WINDOW
                            + "; compress it without --ultra and --long");
        }
    }

    private static int contentSizeLength(int descriptor, boolean oneSegment) {
        int flag = (descriptor & 0xff) >> 6;
        return flag == 0 ? (oneSegment ? 1 : 0) : 1 << flag;
    }

    private void block() throws IOException {
        take(3);
        int head = (int) number(0, 3);
        int type = head >> 1 & 3;
        int size = head >> 3;
        if (type == RESERVED || size > MAX_BLOCK) {
            throw new IOException("a block has type " + type + " and " + size + " bytes");
        }
        body = type == RLE ? 1 : size;
        if ((head & 1) != 0) {
            next = hasChecksum ? Next.CHECKSUM : Next.FRAME;
        }
    }

    private void take(int count) throws IOException {
        if (in.readNBytes(header, headerEnd, count) < count) {
            throw new EOFException("it ends within a header");
        }
        headerEnd += count;
    }

    private long number(int from, int count) {
        long number = 0;
        for (int i = count - 1; i >= 0; i--) {
            number = number << 8 | header[from + i] & 0xff;
        }
        return number;
    }
}
