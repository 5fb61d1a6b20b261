package dev.skiff.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/** Words for what Java says about files with the name of an exception. */
final class FileProblem {
    private FileProblem() {}

    /** What went wrong, as a phrase. */
    static String of(IOException problem) {
        return switch (problem) {
            case AccessDeniedException e -> "permission denied";
            case FileAlreadyExistsException e -> e.getFile() + " is in the way";
            case NotDirectoryException e -> e.getFile() + " is not a directory";
            case NoSuchFileException e -> "there is no " + e.getFile();
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> Optional.ofNullable(problem.getMessage()).orElse(problem.toString());
        };
    }
}
