package dev.skiff.linux;

/** System call numbers of the machine that we run on. */
final class Sys {
    private static final boolean AARCH64 = Arch.AARCH64;

    static final int ACCEPT4 = pick(288, 242);
    static final int BIND = pick(49, 200);
    static final int CAPGET = pick(125, 90);
    static final int CAPSET = pick(126, 91);
    static final int CHDIR = pick(80, 49);
    static final int CLOCK_GETRES = pick(229, 114);
    static final int CLOCK_GETTIME = pick(228, 113);
    static final int CLOSE = pick(3, 57);
    static final int CONNECT = pick(42, 203);
    static final int EVENTFD = pick(290, 19);
    static final int FADVISE = pick(221, 223);
    static final int FALLOCATE = pick(285, 47);
    static final int FCHMOD = pick(91, 52);
    static final int FCNTL = pick(72, 25);
    static final int FDATASYNC = pick(75, 83);
    static final int FSYNC = pick(74, 82);
    static final int FTRUNCATE = pick(77, 46);
    static final int GETDENTS64 = pick(217, 61);
    static final int GETGROUPS = pick(115, 158);
    static final int GETPID = pick(39, 172);
    static final int GETPRIORITY = pick(140, 141);
    static final int GETRANDOM = pick(318, 278);
    static final int GETSOCKNAME = pick(51, 204);
    static final int GETSOCKOPT = pick(55, 209);
    static final int GETTID = pick(186, 178);
    static final int IOCTL = pick(16, 29);
    static final int LINKAT = pick(265, 37);
    static final int LISTEN = pick(50, 201);
    static final int LSEEK = pick(8, 62);
    static final int MADVISE = pick(28, 233);
    static final int MEMFD_CREATE = pick(319, 279);
    static final int MKDIRAT = pick(258, 34);
    static final int MMAP = pick(9, 222);
    static final int MOUNT = pick(165, 40);
    static final int MPROTECT = pick(10, 226);
    static final int MREMAP = pick(25, 216);
    static final int MUNMAP = pick(11, 215);
    static final int OPENAT = pick(257, 56);
    static final int OPENAT2 = pick(437, 437);
    static final int PIPE2 = pick(293, 59);
    static final int PPOLL = pick(271, 73);
    static final int PREAD = pick(17, 67);
    static final int PREADV = pick(295, 69);
    static final int PREADV2 = pick(327, 286);
    static final int PWRITE = pick(18, 68);
    static final int PWRITEV = pick(296, 70);
    static final int PWRITEV2 = pick(328, 287);
    static final int READ = pick(0, 63);
    static final int READLINKAT = pick(267, 78);
    static final int READV = pick(19, 65);
    static final int RECVMSG = pick(47, 212);
    static final int RENAMEAT2 = pick(316, 276);
    static final int SENDMSG = pick(46, 211);
    static final int SETFSGID = pick(123, 152);
    static final int SETFSUID = pick(122, 151);
    static final int SETGROUPS = pick(116, 159);
    static final int SETNS = pick(308, 268);
    static final int SETPRIORITY = pick(141, 140);
    static final int SETSOCKOPT = pick(54, 208);
    static final int SHUTDOWN = pick(48, 210);
    static final int SOCKET = pick(41, 198);
    static final int SOCKETPAIR = pick(53, 199);
    static final int STATX = pick(332, 291);
    static final int SYMLINKAT = pick(266, 36);
    static final int UMOUNT2 = pick(166, 39);
    static final int UNLINKAT = pick(263, 35);
    static final int UNSHARE = pick(272, 97);
    static final int UTIMENSAT = pick(280, 88);
    static final int WRITE = pick(1, 64);
    static final int WRITEV = pick(20, 66);

    private Sys() {}

    private static int pick(int x8664, int aarch64) {
        return AARCH64 ? aarch64 : x8664;
    }
}
