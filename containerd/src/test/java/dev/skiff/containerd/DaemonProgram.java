package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The daemon as a program, from the classes under test. */
final class DaemonProgram {
    private static final String CODE = "--code=";

    private DaemonProgram() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> operands =
                Arrays.stream(args).filter(arg -> !arg.startsWith("--")).toList();
        Optional<Path> code = Arrays.stream(args)
                .filter(arg -> arg.startsWith(CODE))
                .map(arg -> Path.of(arg.substring(CODE.length())))
                .findFirst();
        Daemon.run(
                Path.of(operands.get(0)),
                Path.of(operands.get(1)),
                operands.stream().skip(2).findFirst(),
                code,
                Duration.parse(System.getProperty("skiff.test.maintenance", "PT30S")));
    }
}
