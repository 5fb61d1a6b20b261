package dev.skiff.wasi;

import dev.skiff.linux.FileStatus;

/** The type {@code filetype}; a constant's ordinal is its code. */
enum FileType {
    UNKNOWN,
    BLOCK_DEVICE,
    CHARACTER_DEVICE,
    DIRECTORY,
    REGULAR_FILE,
    SOCKET_DGRAM,
    SOCKET_STREAM,
    SYMBOLIC_LINK;

    int code() {
        return ordinal();
    }

    static FileType of(FileStatus status) {
        return ofMode(status.mode());
    }

    /** From the type bits of the kernel's mode; named pipes have no type in WASI. */
    static FileType ofMode(int mode) {
        return switch (mode & FileStatus.TYPE_MASK) {
            case FileStatus.BLOCK_DEVICE -> BLOCK_DEVICE;
            case FileStatus.CHARACTER_DEVICE -> CHARACTER_DEVICE;
            case FileStatus.DIRECTORY -> DIRECTORY;
            case FileStatus.REGULAR -> REGULAR_FILE;
            case FileStatus.SOCKET -> SOCKET_STREAM;
            case FileStatus.SYMLINK -> SYMBOLIC_LINK;
            default -> UNKNOWN;
        };
    }

    /** From the type of a directory entry, which is the kernel's type bits shifted down. */
    static FileType ofEntry(int type) {
        return ofMode(type << 12);
    }
}
