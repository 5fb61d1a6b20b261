package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;

/**
 * The tar archive in a layer, decompressed, counted against the image's limits and hashed. The media type decides whether it is a
 * layer at all; the compression is told from the first bytes as container runtimes do it, because there are images whose media types
 * are wrong about it.
 */
final class LayerStream extends BulkInput {
    private static final int BUFFER = 64 << 10;
    private static final Set<String> MEDIA_TYPES = new TreeSet<>(Set.of(
            MediaTypes.OCI_LAYER,
            MediaTypes.OCI_LAYER_GZIP,
            MediaTypes.OCI_LAYER_ZSTD,
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
            "application/vnd.docker.image.rootfs.diff.tar",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "application/vnd.docker.image.rootfs.diff.tar.zstd",
            "application/vnd.docker.image.rootfs.foreign.diff.tar",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            MediaTypes.SPIN_ARCHIVE));

    private final ImageLayer layer;
    private final Allowance allowance;
    private final Optional<MessageDigest> hasher;

    private LayerStream(ImageLayer layer, Allowance allowance, InputStream in) {
        super(in);
        this.layer = layer;
        this.allowance = allowance;
        this.hasher = layer.diffId().map(Digest::hasher);
    }

    /** Whether content of this media type is an archive of files. */
    static boolean isLayer(String mediaType) {
        return MEDIA_TYPES.contains(mediaType);
    }

    /**
     * Opens a layer.
     *
     * @throws OciException UNSUPPORTED for a media type that is none of a layer, STORAGE if it cannot be read, CORRUPT
     */
    static LayerStream open(ImageLayer layer, Allowance allowance) {
        if (!isLayer(layer.mediaType())) {
            throw new OciException(
                    Problem.UNSUPPORTED,
                    layer.name() + " has the media type " + ImagePath.shown(layer.mediaType())
                            + ", which Skiff does not unpack; it unpacks " + String.join(", ", MEDIA_TYPES));
        }
        // GZIPInputStream looks for another member only where bytes are said to be available.
        InputStream packed = new BufferedInputStream(new Source(layer), BUFFER) {
            @Override
            public int available() {
                return 1;
            }
        };
        try {
            return new LayerStream(layer, allowance, decompressed(packed, layer.name()));
        } catch (IOException e) {
            closeAfter(packed, e);
            throw damaged(layer, e);
        } catch (OciException e) {
            closeAfter(packed, e);
            throw e;
        }
    }

    private static InputStream decompressed(InputStream packed, String layer) throws IOException {
        packed.mark(4);
        int magic = 0;
        for (int i = 0; i < 4; i++) {
            magic |= (packed.read() & 0xff) << 8 * i;
        }
        packed.reset();
        if ((magic & 0xffff) == GZIPInputStream.GZIP_MAGIC) {
            return new GZIPInputStream(packed, BUFFER);
        }
        return ZstdFrames.isStart(magic) ? new ZstdInputStream(new ZstdFrames(packed, layer)) : packed;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        int count;
        try {
            count = in.read(bytes, offset, length);
        } catch (OciException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The decompressor for zstd says with many kinds of exceptions that its input is wrong.
            throw damaged(layer, e);
        }
        if (count > 0) {
            hasher.ifPresent(hash -> hash.update(bytes, offset, count));
            allowance.unpacked(count, layer.name());
        }
        return count;
    }

    /**
     * Reads what is left, and checks the digest of all of it.
     *
     * @throws OciException CORRUPT if the digest is another than that of the image's configuration
     */
    void finish() {
        byte[] rest = new byte[BUFFER];
        while (read(rest, 0, rest.length) >= 0) {
            continue;
        }
        layer.diffId().ifPresent(expected -> {
            Digest actual = expected.finish(hasher.orElseThrow());
            if (!actual.equals(expected)) {
                throw new OciException(
                        Problem.CORRUPT,
                        layer.name() + " unpacks to " + actual + ", and the image's configuration says " + expected);
            }
        });
    }

    @Override
    public void close() {
        closeQuietly(in);
    }

    private static void closeAfter(InputStream in, Exception failure) {
        try {
            in.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static void closeQuietly(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            // All that was wanted of it has been read.
        }
    }

    private static OciException damaged(ImageLayer layer, Exception cause) {
        return new OciException(
                Problem.CORRUPT, layer.name() + " cannot be decompressed: " + ImagePath.shown(said(cause)), cause);
    }

    private static String said(Exception cause) {
        return cause.getMessage() == null ? "it ends too early" : cause.getMessage();
    }

    /** The packed bytes. What goes wrong here is the disk's fault, and must not look like a fault of the bytes. */
    private static final class Source extends InputStream {
        private final ImageLayer layer;
        private final InputStream in;

        Source(ImageLayer layer) {
            this.layer = layer;
            try {
                in = layer.source().open();
            } catch (IOException e) {
                throw unreadable(e);
            }
        }

        @Override
        public int read() {
            try {
                return in.read();
            } catch (IOException e) {
                throw unreadable(e);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            try {
                return in.read(bytes, offset, length);
            } catch (IOException e) {
                throw unreadable(e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }

        private OciException unreadable(IOException e) {
            return new OciException(Problem.STORAGE, "cannot read " + layer.name() + ": " + e.getMessage(), e);
        }
    }
}
