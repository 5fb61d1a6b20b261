package dev.skiff.containerd;

import dev.skiff.host.Listener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A real containerd of the distribution, in folders of its own, that knows the runtime under test. */
final class Containerd implements AutoCloseable {
    private static final int SYS_ADMIN = 21;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What a command printed, and its status. */
    record Output(int status, String out, String err) {
        /**
         * Of a command, which is run to its end.
         *
         * @param folder for files with what it reads and prints
         * @param patience how long it may take
         */
        static Output of(Path folder, Duration patience, String input, List<String> command) {
            try {
                Path in = Files.writeString(Files.createTempFile(folder, "in", ""), input);
                Path out = Files.createTempFile(folder, "out", "");
                Path err = Files.createTempFile(folder, "err", "");
                Process process = new ProcessBuilder(command)
                        .redirectInput(in.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                    throw new AssertionError(command + " does not end; so far: " + text(out) + text(err));
                }
                Output output = new Output(process.exitValue(), text(out), text(err));
                for (Path file : List.of(in, out, err)) {
                    Files.delete(file);
                }
                return output;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        /** Itself, if it is that of a success. */
        Output succeeded(String what) {
            if (status != 0) {
                throw new AssertionError(what + ": " + this);
            }
            return this;
        }
    }

    /** A task, as {@code ctr} lists it. */
    record Listed(String id, long pid, String status) {}

    /** One that is unpacked and not installed; without a folder the one that is. */
    enum Version {
        INSTALLED(""),
        V1_7("containerd-1.7"),
        V2("containerd-2");

        private final String name;

        Version(String name) {
            this.name = name;
        }

        /** Where programs are looked for. */
        private String path() {
            return name.isEmpty() ? System.getenv("PATH") : folder() + ":" + System.getenv("PATH");
        }

        /** Where scripts put what they get. */
        static Path peers() {
            return Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                    .map(Path::of)
                    .orElse(Path.of(System.getProperty("user.home"), ".cache"))
                    .resolve("skiff/peers");
        }

        private Path folder() {
            return peers().resolve(name).resolve("usr/bin");
        }

        /** Why it cannot be had; empty if it is here. */
        private Optional<String> lacking() throws IOException {
            if (name.isEmpty() || Files.isExecutable(folder().resolve("containerd"))) {
                return Optional.empty();
            }
            Path reason = peers().resolve(name + ".absent");
            String why = Files.exists(reason) ? Files.readString(reason).strip() : "scripts/peers.sh gets it";
            return Optional.of("there is no " + name + ": " + why);
        }
    }

    private final Path folder;
    private final Path state;
    private final Version version;
    private final Map<String, String> environment;
    private final Listener metrics = new Listener(new InetSocketAddress("127.0.0.1", freePort()));
    private Process process;

    private Containerd(Path folder, Version version, Map<String, String> environment) throws IOException {
        this.environment = Map.copyOf(environment);
        this.version = version;
        this.folder = folder;
        this.state = folder.resolve("skiff");
    }

    /** Why none can be started here; empty if one can. */
    static Optional<String> lacking(Version version) throws IOException {
        if (!canMount()) {
            return Optional.of("containerd can only be started by root, with the right to mount");
        }
        for (String tool : List.of("containerd", "ctr", "runc", "containerd-shim-runc-v2", "busybox")) {
            boolean found = Arrays.stream(System.getenv("PATH").split(":"))
                    .anyMatch(each -> Files.isExecutable(Path.of(each, tool)));
            if (!found && "true".equals(System.getenv("CI"))) {
                throw new AssertionError("there is no " + tool + " on the PATH; scripts/peers.sh installs it");
            }
            if (!found) {
                return Optional.of("there is no " + tool + " on the PATH; scripts/peers.sh installs it");
            }
        }
        return version.lacking();
    }

    /** Why there is no program of a version; empty if there is one, that needs no rights to say what it is configured as. */
    static Optional<String> lackingProgram(Version version) throws IOException {
        Optional<String> lacking = version.lacking();
        return lacking.isPresent() || find("containerd", version).isPresent()
                ? lacking
                : Optional.of("there is no containerd on the PATH; scripts/peers.sh installs it");
    }

    /** The containerd of a version. */
    static Path program(Version version) {
        return find("containerd", version).orElseThrow();
    }

    /** Whether this process has CAP_SYS_ADMIN; see capabilities(7). */
    static boolean canMount() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("CapEff:"))
                    .mapToLong(line -> Long.parseUnsignedLong(line.replaceFirst("CapEff:\\s*", ""), 16))
                    .anyMatch(capabilities -> (capabilities & 1L << SYS_ADMIN) != 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Installs the runtime and starts containerd in a folder, whose path should be short. */
    static Containerd start(Path folder, Version version) throws IOException {
        return start(folder, version, Map.of());
    }

    /** The same with more in its environment, which the daemon gets from it. */
    static Containerd start(Path folder, Version version, Map<String, String> environment) throws IOException {
        return start(folder, version, environment, List.of("io.containerd.grpc.v1.cri"), "");
    }

    /** The same with what runs pods; see {@link CriPlugin#lacking}. */
    static Containerd startWithPods(Path folder, Version version) throws IOException {
        return start(folder, version, Map.of(), List.of(), CriPlugin.configure(folder));
    }

    private static Containerd start(
            Path folder, Version version, Map<String, String> environment, List<String> without, String plugins)
            throws IOException {
        List<String> disabled = new ArrayList<>(without);
        for (String snapshotter : List.of("btrfs", "zfs", "aufs", "devmapper")) {
            disabled.add("io.containerd.snapshotter.v1." + snapshotter);
        }
        Containerd containerd = new Containerd(folder, version, environment);
        containerd.install();
        Files.writeString(
                folder.resolve("config.toml"), """
                version = 2
                root = "%1$s/root"
                state = "%1$s/state"
                disabled_plugins = ["%2$s"]
                [grpc]
                address = "%1$s/c.sock"
                %3$s
                """.formatted(folder, String.join("\", \"", disabled), plugins));
        containerd.start();
        return containerd;
    }

    /**
     * Installs the runtimes, in place of what is there.
     *
     * @param flags of the daemon's JVM that others have not, which make it another program
     */
    void install(String... flags) throws IOException {
        Files.createDirectories(folder.resolve("bin"));
        List<String> daemon = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m"));
        daemon.addAll(List.of(flags));
        Installation.Commands commands = new Installation.Commands(
                java(daemon, DaemonProgram.class),
                java(List.of("-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xlog:disable"), IsolationProgram.class));
        installation()
                .withCode(folder.resolve("code"))
                .withMetrics(metrics)
                .launchers(
                        commands,
                        List.of(
                                new Installation.Launcher("skiff-v1", Installation.Mode.SHARED),
                                new Installation.Launcher("skiff-isolated-v1", Installation.Mode.ISOLATED)));
    }

    /** Starts a class under test. */
    private static List<String> java(List<String> flags, Class<?> program) {
        List<String> java =
                new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
        java.addAll(List.of(
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC"));
        java.addAll(flags);
        java.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                program.getName()));
        return java;
    }

    /** Starts it, after {@link #kill} again. */
    void start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                program("containerd"), "-c", folder.resolve("config.toml").toString());
        builder.environment().putAll(environment);
        builder.environment().put("PATH", folder.resolve("bin") + ":" + version.path());
        process = builder.redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
        until("containerd answers", () -> ctr("version").status() == 0);
    }

    /** The first program of a name where this version looks. */
    private String program(String name) {
        return find(name, version).orElseThrow().toString();
    }

    private static Optional<Path> find(String name, Version version) {
        return Arrays.stream(version.path().split(":"))
                .map(each -> Path.of(each, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** One that nobody listens on. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Where the daemon answers with metrics. */
    InetSocketAddress metrics() {
        return metrics.address();
    }

    /** Where the daemon has its sockets. */
    Path daemonFolder() throws IOException {
        return installation().daemons().getFirst().folder();
    }

    /** Kills containerd, and nothing else. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Kills the daemon, and says which it was. */
    ProcessHandle killDaemon() {
        ProcessHandle daemon = daemon().orElseThrow();
        daemon.destroyForcibly();
        daemon.onExit().join();
        return daemon;
    }

    /** A command of this version of containerd, for a shell. */
    String command(String program, String... arguments) {
        return program(program) + " -a " + socket() + " " + String.join(" ", arguments);
    }

    /** Runs {@code ctr} to its end. */
    Output ctr(String... arguments) {
        return ctrReading("", arguments);
    }

    /** The same with something to read. */
    Output ctrReading(String input, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(program("ctr"), "-a", folder.resolve("c.sock").toString()));
        command.addAll(List.of(arguments));
        try {
            return Output.of(folder, PATIENCE, input, command);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + logged(), e);
        }
    }

    private String logged() {
        try {
            return log();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code ctr} to its end, which must be a success. */
    void succeed(String... arguments) {
        ctr(arguments).succeeded(String.join(" ", arguments));
    }

    /** The tasks of a namespace. */
    List<Listed> tasks(String namespace) {
        return ctr("-n", namespace, "task", "ls")
                .out()
                .lines()
                .skip(1)
                .map(line -> line.split("\\s+"))
                .map(words -> new Listed(words[0], Long.parseLong(words[1]), words[2]))
                .toList();
    }

    /** Where containerd has what a task is made of. */
    Path bundle(String namespace, String id) {
        return folder.resolve("state/io.containerd.runtime.v2.task")
                .resolve(namespace)
                .resolve(id);
    }

    static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes containerd's events to a file, from now on. */
    Process listen(Path file) throws IOException {
        Process listener = new ProcessBuilder(
                        program("ctr"), "-a", folder.resolve("c.sock").toString(), "events")
                .redirectOutput(file.toFile())
                .start();
        // It says nothing of when it is ready; an event of our own does.
        until("it listens", () -> {
            ctr("namespaces", "label", "default", "asked=" + System.nanoTime());
            return has(file, "/namespaces/update");
        });
        return listener;
    }

    /** Whether a file has a text. */
    static boolean has(Path file, String text) {
        return text(file).contains(text);
    }

    /** Waits until something is so. */
    static void until(String what, BooleanSupplier holds) {
        until(what, holds, () -> "");
    }

    /** The same; the failure says how it is instead. */
    static void until(String what, BooleanSupplier holds, Supplier<String> instead) {
        until(PATIENCE, what, holds, instead);
    }

    /** The same with a patience of its own. */
    static void until(Duration patience, String what, BooleanSupplier holds, Supplier<String> instead) {
        long end = System.nanoTime() + patience.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it does not come about that " + what + " " + instead.get());
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** The daemon, if it runs; any of them, if there are several. */
    Optional<ProcessHandle> daemon() {
        return daemons().stream().findFirst();
    }

    private Installation installation() {
        return new Installation(folder.resolve("bin"), folder.resolve("lib"), state);
    }

    /** All daemons that run. */
    List<ProcessHandle> daemons() {
        try {
            return installation().daemons().stream()
                    .flatMap(running -> ProcessHandle.of(running.pid()).stream())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the daemon takes calls. */
    Path daemonSocket() throws IOException {
        try (Stream<Path> files = Files.walk(state)) {
            return files.filter(file -> file.endsWith("task.sock")).findFirst().orElseThrow();
        }
    }

    /** What is mounted beneath its folder, line by line. */
    List<String> mounts() {
        try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.filter(line -> line.contains(folder.toString())).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What containerd and the daemon logged. */
    String log() throws IOException {
        StringBuilder all = new StringBuilder("\ncontainerd:\n").append(text(folder.resolve("log")));
        try (var files = Files.walk(state)) {
            for (Path file : files.filter(each -> each.endsWith("log")).toList()) {
                all.append("\ndaemon:\n").append(text(file));
            }
        }
        return all.toString();
    }

    Path folder() {
        return folder;
    }

    /** Where it answers gRPC. */
    Path socket() {
        return folder.resolve("c.sock");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        daemons().forEach(ProcessHandle::destroyForcibly);
        kill();
        new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString())
                .inheritIO()
                .start()
                .waitFor();
    }
}
