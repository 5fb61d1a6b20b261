package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** The entries of a stranger's tar archive, one after the other, with bounds on what of them is kept in memory. For one thread. */
final class TarEntries {
    private final HeaderGuard guard;
    private final TarArchiveInputStream tar;
    private final String what;
    private boolean begun;

    /**
     * Reads an archive.
     *
     * @param what what it is, for messages
     */
    TarEntries(InputStream in, String what) {
        this.what = what;
        guard = new HeaderGuard(in, what);
        tar = new TarArchiveInputStream(guard, "UTF-8");
    }

    /**
     * Goes on to the next entry; what is left of the one before is passed over.
     *
     * @throws IOException if the archive is damaged or none
     * @throws OciException if it has headers without measure, or a sparse file
     */
    Optional<TarArchiveEntry> next() throws IOException {
        try {
            if (begun) {
                tar.transferTo(OutputStream.nullOutputStream());
            }
            begun = true;
            guard.headersBegin();
            Optional<TarArchiveEntry> entry = Optional.ofNullable(tar.getNextEntry());
            guard.headersEnd();
            entry.ifPresent(this::check);
            return entry;
        } catch (OciException e) {
            throw e;
        } catch (RuntimeException e) {
            // The reader says with many kinds of exceptions that its input is wrong.
            throw new IOException(ImagePath.shown(String.valueOf(e.getMessage())), e);
        }
    }

    /** The content of the entry that came last. */
    InputStream content() {
        return tar;
    }

    private void check(TarArchiveEntry entry) {
        HeaderGuard.check(entry, what);
        // The reader calls itself for each hole, and a few bytes could stand for a file of any size.
        if (entry.isSparse()) {
            throw new OciException(
                    Problem.UNSUPPORTED,
                    what + " has the sparse file " + ImagePath.shown(entry.getName())
                            + ", which Skiff does not read in such archives; make it without --sparse");
        }
    }
}
