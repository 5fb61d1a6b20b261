package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.containerd.Installation;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;

/** {@code skiff containerd install}. */
final class ContainerdInstallCommand implements Command {
    private static final Option AS = Option.value(
            "--as",
            "NAME-vN",
            "The runtime's name: skiff-v1 (the default), or that of another whose containers are taken over, such as"
                    + " spin-v2. May be repeated.");

    /** Guests' memory is not in the heap, which therefore stays small, and gives back what a rush of tasks took. */
    private static final List<String> DAEMON_FLAGS = List.of(
            "-XX:-UsePerfData",
            "-XX:+UseSerialGC",
            "-Xms16m",
            "-XX:MaxNewSize=16m",
            "-XX:MinHeapFreeRatio=10",
            "-XX:MaxHeapFreeRatio=25");

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "containerd install",
                "Puts the runtime for containerd on this machine.",
                "containerd finds it by its name, and need not be started again. What is installed already is replaced; what"
                        + " runs goes on.",
                List.of(new OptionGroup("Runtime", List.of(AS)), ContainerdArguments.PLACES, OptionGroup.OTHER),
                List.of(),
                List.of(
                        new Example("sudo skiff containerd install", "installs io.containerd.skiff.v1"),
                        new Example(
                                "sudo ctr run --rm --runtime io.containerd.skiff.v1 IMAGE ID",
                                "runs a program with it")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Installation installation = ContainerdArguments.installation(arguments);
        List<String> names = arguments.values(AS).isEmpty() ? List.of("skiff-v1") : arguments.values(AS);
        Path jar = program();
        try {
            for (Path file : installation.install(jar, java(jar), names)) {
                console.stdout().println("wrote " + file);
            }
        } catch (IllegalArgumentException e) {
            throw new CommandException(1, "nothing is installed: " + e.getMessage(), e);
        } catch (IOException e) {
            throw ContainerdArguments.failure("install", e);
        }
        for (String name : names) {
            console.stdout().println("containerd knows it as " + Installation.runtime(name));
        }
        return 0;
    }

    /** The one jar that this program is. */
    private static Path program() {
        try {
            Path place = Path.of(ContainerdInstallCommand.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (Files.isRegularFile(place)) {
                return place;
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        throw new CommandException(
                1, "this skiff is not one jar and cannot be installed; the one that ./skiff builds can");
    }

    /** How to start this Java again; the jar says with which flags. */
    private static List<String> java(Path jar) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        try (JarFile file = new JarFile(jar.toFile())) {
            String flags = file.getManifest().getMainAttributes().getValue("Skiff-Jvm-Flags");
            command.addAll(List.of(flags.strip().split("\\s+")));
        }
        command.addAll(DAEMON_FLAGS);
        return command;
    }
}
