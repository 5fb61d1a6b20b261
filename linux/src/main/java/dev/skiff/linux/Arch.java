package dev.skiff.linux;

/** Which of the two supported machines this is; numbers of calls and some flags differ. */
final class Arch {
    static final boolean AARCH64;

    static {
        String os = System.getProperty("os.name");
        String arch = System.getProperty("os.arch");
        boolean x8664 = arch.equals("amd64") || arch.equals("x86_64");
        AARCH64 = arch.equals("aarch64");
        if (!os.equals("Linux") || !(x8664 || AARCH64)) {
            throw new UnsupportedOperationException(
                    "system calls are bound for Linux on x86_64 and aarch64 only, this is " + os + " on " + arch);
        }
    }

    private Arch() {}
}
