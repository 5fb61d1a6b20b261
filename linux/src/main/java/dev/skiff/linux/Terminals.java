package dev.skiff.linux;

import java.util.ArrayList;
import java.util.List;

/**
 * Terminals: pty(7), termios(3), and the requests of ioctl_tty(2). All methods throw {@link LinuxException} if the kernel refuses, with ENOTTY
 * where a descriptor is no terminal.
 */
public final class Terminals {
    private static final int TCGETS = 0x5401;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCGPTPEER = 0x5441;

    private static final int TERMIOS_SIZE = 36;
    private static final int TERMIOS_KEYS = 17;

    private Terminals() {}

    /**
     * Makes a pseudo-terminal, which becomes the controlling terminal of nobody. Both ends are closed on exec and do not wait.
     *
     * @throws LinuxException ENOENT or the like if this machine has no {@code /dev/ptmx}; EINVAL before Linux 4.13
     */
    public static Pair open() {
        int flags = OpenFlags.READ_WRITE | OpenFlags.NO_TERMINAL | OpenFlags.NONBLOCK | OpenFlags.CLOSE_ON_EXEC;
        int master = Paths.OWN.open("/dev/ptmx", flags, 0);
        try (Scratch scratch = Scratch.borrow()) {
            Kernel.call("ioctl", Sys.IOCTL, master, TIOCSPTLCK, scratch.zeroed(4));
            return new Pair(master, (int) Kernel.call("ioctl", Sys.IOCTL, master, TIOCGPTPEER, flags));
        } catch (LinuxException e) {
            Descriptors.close(master);
            throw e;
        }
    }

    /** How large the window of a terminal is; 0 by 0 if nobody has said. */
    public static Size size(int fd) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.zeroed(8);
            Kernel.call("ioctl", Sys.IOCTL, fd, TIOCGWINSZ, at);
            return new Size(
                    Short.toUnsignedInt(Kernel.MEMORY.getShort(at + 2)),
                    Short.toUnsignedInt(Kernel.MEMORY.getShort(at)));
        }
    }

    /** Says how large the window of a terminal is. */
    public static void resize(int fd, Size size) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.zeroed(8);
            Kernel.MEMORY.putShort(at, (short) size.rows());
            Kernel.MEMORY.putShort(at + 2, (short) size.columns());
            Kernel.call("ioctl", Sys.IOCTL, fd, TIOCSWINSZ, at);
        }
    }

    /** What a terminal makes of what is typed; of a pseudo-terminal, either end will do. */
    public static Settings settings(int fd) {
        try (Scratch scratch = Scratch.borrow()) {
            long at = scratch.zeroed(TERMIOS_SIZE);
            Kernel.call("ioctl", Sys.IOCTL, fd, TCGETS, at);
            List<Integer> keys = new ArrayList<>();
            for (long key = at + TERMIOS_KEYS; key < at + TERMIOS_SIZE; key++) {
                keys.add(Byte.toUnsignedInt(Kernel.MEMORY.getByte(key)));
            }
            return new Settings(Kernel.MEMORY.getInt(at + 12), List.copyOf(keys));
        }
    }

    /**
     * The two ends of a pseudo-terminal, both file descriptors.
     *
     * @param master the end of who shows the terminal
     * @param slave the end of the program, to which it is a terminal
     */
    public record Pair(int master, int slave) {}

    /**
     * The size of a window, in characters.
     *
     * @param columns 0 to 65,535
     * @param rows 0 to 65,535
     */
    public record Size(int columns, int rows) {
        /** @throws IllegalArgumentException if one is out of range */
        public Size {
            if (columns < 0 || columns > 0xffff || rows < 0 || rows > 0xffff) {
                throw new IllegalArgumentException("no window is " + columns + " by " + rows + " characters large");
            }
        }
    }

    /**
     * The part of {@code struct termios} that is about input.
     *
     * @param local flags of this class
     * @param keys characters, 0 to 255, at the indices of this class; 0 is none
     */
    public record Settings(int local, List<Integer> keys) {
        /** Local flag: some keys make signals. */
        public static final int SIGNALS = 0x1;
        /** Local flag: input comes in lines, which can be edited. */
        public static final int LINES = 0x2;
        /** Local flag: some more keys count, {@link #LITERAL} for one. */
        public static final int EXTENSIONS = 0x8000;

        /** Key: SIGINT. */
        public static final int INTERRUPT = 0;
        /** Key: SIGQUIT. */
        public static final int QUIT = 1;
        /** Key: ends the input. */
        public static final int END = 4;
        /** Key: the next character is only a character. */
        public static final int LITERAL = 15;

        /** Whether all of some local flags are set. */
        public boolean has(int flags) {
            return (local & flags) == flags;
        }
    }
}
