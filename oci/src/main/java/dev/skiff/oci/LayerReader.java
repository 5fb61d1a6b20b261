package dev.skiff.oci;

import dev.skiff.oci.Node.Attributes;
import dev.skiff.oci.OciException.Problem;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Reads what a layer says, in its order. Contents of files go to the staging directory. Names that are not UTF-8 get a question mark
 * for each wrong byte. For one thread.
 */
final class LayerReader {
    private static final String WHITEOUT = ".wh.";
    private static final String WHITEOUT_META = ".wh..wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    /** Parts of a file with holes. The reader calls itself for each. */
    private static final int MAX_PARTS = 2_000;

    private static final int PERMISSIONS = 0777;

    private final ImageLayer layer;
    private final Staging staging;
    private final Allowance allowance;
    private final List<LayerEntry> entries = new ArrayList<>();
    private final List<SkippedEntry> skipped;

    private LayerReader(ImageLayer layer, Staging staging, Allowance allowance, List<SkippedEntry> skipped) {
        this.layer = layer;
        this.staging = staging;
        this.allowance = allowance;
        this.skipped = skipped;
    }

    /**
     * Reads a layer.
     *
     * @param skipped gets what is left out
     * @throws OciException INVALID, CORRUPT, TOO_LARGE, UNSUPPORTED, STORAGE
     */
    static List<LayerEntry> read(ImageLayer layer, Staging staging, Allowance allowance, List<SkippedEntry> skipped) {
        LayerReader reader = new LayerReader(layer, staging, allowance, skipped);
        try (LayerStream stream = LayerStream.open(layer, allowance)) {
            reader.readAll(stream);
            stream.finish();
        }
        return reader.entries;
    }

    private void readAll(LayerStream stream) {
        HeaderGuard guard = new HeaderGuard(new BufferedInputStream(stream, 64 << 10), layer.name());
        // Not closed: that would read on to the end of a block, and closing the stream below suffices.
        TarArchiveInputStream tar = new TarArchiveInputStream(guard, StandardCharsets.UTF_8.name());
        try {
            while (true) {
                guard.headersBegin();
                TarArchiveEntry entry = tar.getNextEntry();
                guard.headersEnd();
                if (entry == null) {
                    return;
                }
                read(entry, tar);
                tar.transferTo(OutputStream.nullOutputStream());
            }
        } catch (OciException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The reader says with many kinds of exceptions that its input is wrong.
            throw new OciException(
                    Problem.INVALID,
                    layer.name() + " is not the tar archive that its media type " + layer.mediaType() + " says: "
                            + ImagePath.shown(String.valueOf(e.getMessage())),
                    e);
        }
    }

    private void read(TarArchiveEntry entry, TarArchiveInputStream tar) throws IOException {
        allowance.entry(layer.name());
        String name = entry.getName();
        allowance.name(name, layer.name());
        allowance.name(entry.getLinkName(), layer.name());
        if (!entry.isCheckSumOK()) {
            throw invalid(name, "a header whose checksum is wrong");
        }
        HeaderGuard.check(entry, layer.name());
        String path = ImagePath.clean(name, layer.name(), allowance.limits());
        if (path.startsWith(WHITEOUT_META) && !path.equals(OPAQUE)) {
            skip(name, "bookkeeping of the aufs file system");
        } else if (ImagePath.name(path).startsWith(WHITEOUT)) {
            entries.add(whiteout(name, path));
        } else {
            kept(entry, path, tar).ifPresent(entries::add);
        }
    }

    private LayerEntry whiteout(String name, String path) {
        String parent = ImagePath.parent(path);
        if (ImagePath.name(path).equals(OPAQUE)) {
            return new LayerEntry.Opaque(parent);
        }
        String removed = ImagePath.name(path).substring(WHITEOUT.length());
        if (removed.isEmpty() || removed.equals(".") || removed.equals("..")) {
            throw invalid(name, "a removal of nothing that can have a name");
        }
        return new LayerEntry.Whiteout(parent.isEmpty() ? removed : parent + "/" + removed);
    }

    private Optional<LayerEntry> kept(TarArchiveEntry entry, String path, TarArchiveInputStream tar)
            throws IOException {
        return switch (entry.getLinkFlag()) {
            case TarConstants.LF_DIR -> Optional.of(directory(entry, path));
            case TarConstants.LF_OLDNORM,
                    TarConstants.LF_NORMAL,
                    TarConstants.LF_CONTIG,
                    TarConstants.LF_GNUTYPE_SPARSE ->
                // Archives from before there were types tell a directory by the slash at its end.
                Optional.of(entry.getName().endsWith("/") ? directory(entry, path) : file(entry, path, tar));
            case TarConstants.LF_SYMLINK -> Optional.of(symlink(entry, path));
            case TarConstants.LF_LINK ->
                Optional.of(new LayerEntry.HardLink(
                        named(entry, path), ImagePath.clean(entry.getLinkName(), layer.name(), allowance.limits())));
            case TarConstants.LF_CHR, TarConstants.LF_BLK -> skip(entry.getName(), "a device");
            case TarConstants.LF_FIFO -> skip(entry.getName(), "a named pipe");
            default -> skip(entry.getName(), "of the unknown type " + (entry.getLinkFlag() & 0xff));
        };
    }

    private Optional<LayerEntry> skip(String name, String what) {
        skipped.add(new SkippedEntry(layer.name(), name, what));
        return Optional.empty();
    }

    private static LayerEntry directory(TarArchiveEntry entry, String path) {
        return new LayerEntry.Directory(path, attributes(entry));
    }

    private static Attributes attributes(TarArchiveEntry entry) {
        return new Attributes(entry.getMode() & PERMISSIONS, entry.getLastModifiedTime());
    }

    private LayerEntry file(TarArchiveEntry entry, String path, TarArchiveInputStream tar) throws IOException {
        named(entry, path);
        if (entry.isSparse() && entry.getOrderedSparseHeaders().size() > MAX_PARTS) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    layer.name() + " has a file of more than the limit of " + MAX_PARTS + " parts with holes between: "
                            + ImagePath.shown(entry.getName()));
        }
        Staging.Stored stored = staging.store(tar, layer.name(), allowance);
        return new LayerEntry.Leaf(path, new Node.File(attributes(entry), stored.size(), stored.file()));
    }

    private LayerEntry symlink(TarArchiveEntry entry, String path) {
        String target = entry.getLinkName();
        if (target.isEmpty() || target.indexOf('\0') >= 0) {
            throw invalid(entry.getName(), "a symbolic link whose text is empty or has a zero byte");
        }
        if (ImagePath.bytes(target) > allowance.limits().linkTargetBytes()) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    layer.name() + " has a symbolic link whose text is longer than the limit of "
                            + allowance.limits().linkTargetBytes() + " bytes: " + ImagePath.shown(entry.getName()));
        }
        return new LayerEntry.Leaf(named(entry, path), new Node.Link(target));
    }

    /** The path of what cannot be the root. */
    private String named(TarArchiveEntry entry, String path) {
        if (path.isEmpty()) {
            throw invalid(entry.getName(), "an entry that would replace the root directory");
        }
        return path;
    }

    private OciException invalid(String name, String what) {
        return new OciException(Problem.INVALID, layer.name() + " has " + what + ": \"" + ImagePath.shown(name) + "\"");
    }
}
