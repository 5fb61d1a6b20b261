package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * Between the bytes of a tar archive and its reader. The reader keeps all of a long name and all extended headers in memory, and
 * calls itself for each of them; so no entry may have many.
 */
final class HeaderGuard extends FilterInputStream {
    /** Linux allows extended attributes of 64 KiB, and few files have several. */
    static final int HEADER_BYTES = 256 << 10;

    private static final int MAX_EXTENDED_HEADERS = 1_000;

    private final String layer;
    private long left = Long.MAX_VALUE;

    HeaderGuard(InputStream in, String layer) {
        super(in);
        this.layer = layer;
    }

    /** Checks an entry's extended headers; global ones add up from entry to entry. */
    static void check(TarArchiveEntry entry, String layer) {
        Map<String, String> headers = entry.getExtraPaxHeaders();
        long size = 0;
        for (Map.Entry<String, String> header : headers.entrySet()) {
            size += header.getKey().length() + header.getValue().length();
        }
        if (headers.size() > MAX_EXTENDED_HEADERS || size > HEADER_BYTES) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    layer + " has an entry with more than the limit of " + MAX_EXTENDED_HEADERS
                            + " extended headers of " + HEADER_BYTES + " bytes: " + ImagePath.shown(entry.getName()));
        }
    }

    /** What is read from now on are headers. */
    void headersBegin() {
        left = HEADER_BYTES;
    }

    /** What is read from now on is a file's content. */
    void headersEnd() {
        left = Long.MAX_VALUE;
    }

    @Override
    public int read() throws IOException {
        spend(1);
        return super.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = super.read(bytes, offset, length);
        spend(Math.max(count, 0));
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = super.skip(count);
        spend(skipped);
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void spend(long count) {
        left -= count;
        if (left < 0) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    layer + " has an entry with more than the limit of " + HEADER_BYTES + " bytes of headers");
        }
    }
}
