package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** The daemon as a program, from the classes under test. */
final class DaemonProgram {
    private DaemonProgram() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Daemon.run(
                Path.of(args[0]), Path.of(args[1]), Arrays.stream(args).skip(2).findFirst());
    }
}
