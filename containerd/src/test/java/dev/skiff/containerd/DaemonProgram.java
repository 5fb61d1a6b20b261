package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.Path;

/** The daemon as a program, from the classes under test. */
final class DaemonProgram {
    private DaemonProgram() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Daemon.run(Path.of(args[0]), Path.of(args[1]));
    }
}
