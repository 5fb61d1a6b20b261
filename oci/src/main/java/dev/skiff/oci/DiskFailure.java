package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Says in a sentence what this machine's disk did not do. */
final class DiskFailure {
    private DiskFailure() {}

    /**
     * A failure of reading or writing.
     *
     * @param doing what was being done, such as "write"
     */
    static OciException of(String doing, Path path, IOException cause) {
        return new OciException(Problem.STORAGE, "cannot " + doing + " " + path + ": " + reason(cause), cause);
    }

    /** A name that Java cannot write in the encoding that it took from the locale. */
    static OciException unencodable(Path directory, String name, InvalidPathException cause) {
        return new OciException(
                Problem.STORAGE,
                "cannot write " + ImagePath.shown(name) + " into " + directory + ": file names are in "
                        + System.getProperty(
                                "sun.jnu.encoding", Charset.defaultCharset().name())
                        + " here; set LC_ALL=C.UTF-8, or give Java the flag -Dsun.jnu.encoding=UTF-8",
                cause);
    }

    /** What went wrong, as a phrase. */
    static String reason(IOException cause) {
        return switch (cause) {
            case NoSuchFileException e -> "there is no such file or directory";
            case AccessDeniedException e -> "permission is denied";
            case FileAlreadyExistsException e -> "it exists already";
            case DirectoryNotEmptyException e -> "it exists already, and is not empty";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        };
    }
}
