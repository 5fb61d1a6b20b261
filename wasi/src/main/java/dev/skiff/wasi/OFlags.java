package dev.skiff.wasi;

/** The bits of the type {@code oflags}. */
final class OFlags {
    static final int CREAT = 1;
    static final int DIRECTORY = 2;
    static final int EXCL = 4;
    static final int TRUNC = 8;
    static final int ALL = 15;

    private OFlags() {}
}
