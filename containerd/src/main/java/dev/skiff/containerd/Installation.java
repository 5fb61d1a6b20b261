package dev.skiff.containerd;

import dev.skiff.host.Listener;
import dev.skiff.wasm.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The runtime's files on this machine. A launcher is {@code containerd-shim-NAME-vN} for containerd's runtime {@code io.containerd.NAME.vN},
 * with a configuration beside it; there can be several, under the names of other runtimes whose pods are taken over. Immutable.
 *
 * @param bin where containerd looks for runtimes
 * @param lib where the program is
 * @param state where daemons have their sockets and logs
 * @param code where daemons keep what programs are translated to, a folder for each containerd; without one they have it in memory only
 * @param metrics where daemons whose launchers are written from now on answer with metrics, besides their sockets
 */
public record Installation(Path bin, Path lib, Path state, Optional<Path> code, Optional<Listener> metrics) {
    private static final String PREFIX = "containerd-shim-";
    private static final int BUILD_BYTES = 4;
    private static final String ISOLATED = "isolated='";
    private static final String CONF = ".conf";
    private static final String MARK = "# Written by skiff containerd install, which also reads it.\n";
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*-v[0-9]+");
    private static final String PROGRAM = "skiff.jar";
    private static final String CACHE = "skiff.aot";
    /** What a JVM says of itself has no place among a program's output, and what it can be told from without none in a container. */
    private static final List<String> ISOLATION_FLAGS = List.of(
            IsolatedFiles.MARK,
            "-Xlog:disable",
            "-XX:+DisableAttachMechanism",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:+ErrorFileToStderr");

    /** The configuration is words for a shell. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._=:,@%+-]+");

    /**
     * What daemons run.
     *
     * @param jar the program; copied
     * @param java how to start a JVM, up to {@code -jar}
     * @param rehearsal the class of the program from whose run the JVM's cache for fast starts is made
     * @param isolation the class of the program whose {@code main} does what {@link Isolation#run} does
     */
    public record Program(Path jar, List<String> java, String rehearsal, String isolation) {}

    /** Who has the Wasm containers of a runtime. */
    public enum Mode {
        /** The daemon has all. */
        SHARED,
        /** Each is a JVM of its own, which the runtime for Linux containers has. */
        ISOLATED
    }

    /**
     * A runtime of containerd.
     *
     * @param name such as {@code skiff-v1}; see {@link #isName}
     */
    public record Launcher(String name, Mode mode) {}

    /** What launchers start: the daemon, and {@link Isolation}, each up to its arguments. */
    record Commands(List<String> daemon, List<String> isolation) {}

    /**
     * A daemon that runs.
     *
     * @param folder where its socket and its log are
     * @param pid its process
     */
    public record RunningDaemon(Path folder, long pid) {}

    /** Makes the paths absolute. */
    public Installation {
        bin = bin.toAbsolutePath().normalize();
        lib = lib.toAbsolutePath().normalize();
        state = state.toAbsolutePath().normalize();
        code = code.map(folder -> folder.toAbsolutePath().normalize());
    }

    /** One whose daemons keep no code, and answer with metrics at their sockets only. */
    public Installation(Path bin, Path lib, Path state) {
        this(bin, lib, state, Optional.empty(), Optional.empty());
    }

    /** The same with daemons that keep code in a folder. */
    public Installation withCode(Path folder) {
        return new Installation(bin, lib, state, Optional.of(folder), metrics);
    }

    /** The same with metrics at a port of TCP too, which is for all who can reach it. */
    public Installation withMetrics(Listener address) {
        return new Installation(bin, lib, state, code, Optional.of(address));
    }

    /** Whether a launcher can have a name, such as {@code skiff-v1}. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** What containerd calls the runtime whose launcher has a name. */
    public static String runtime(String name) {
        int dash = name.lastIndexOf('-');
        return "io.containerd." + name.substring(0, dash) + "." + name.substring(dash + 1);
    }

    /** What a RuntimeClass of Kubernetes calls the runtime whose launcher has a name, as its handler. */
    static String handler(String name) {
        return name.substring(0, name.lastIndexOf('-'));
    }

    /**
     * The manifest of the RuntimeClass, in YAML, with which pods ask for a runtime.
     *
     * @throws IllegalArgumentException if its name is not fit for {@link #isName}
     */
    public static String runtimeClass(Launcher launcher) {
        checkName(launcher.name());
        String manifest = switch (launcher.mode()) {
            case SHARED -> "runtimeclass.yaml";
            case ISOLATED -> "runtimeclass-isolated.yaml";
        };
        return text(manifest).replace("HANDLER", handler(launcher.name()));
    }

    static String text(String resource) {
        try (InputStream in = Objects.requireNonNull(Installation.class.getResourceAsStream(resource))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void checkName(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("a runtime is named NAME-vN, such as skiff-v1, not " + name);
        }
    }

    /**
     * Puts everything where it belongs, in place of what an earlier installation left. Daemons that run go on as they are.
     *
     * @param launchers each with a name fit for {@link #isName}
     * @return the files that are there now, with {@link #cache} if that could be made
     * @throws IllegalArgumentException if a path or a name cannot be written into a configuration, or a launcher's file is not ours
     */
    public List<Path> install(Program source, List<Launcher> launchers) throws IOException {
        Path program = lib.resolve(PROGRAM);
        check(commands(source, true), launchers);
        // Where launchers cannot be, the program has no business either.
        Files.createDirectories(bin);
        Files.createDirectories(lib);
        WholeFile.make(
                program, "rw-r--r--", part -> Files.copy(source.jar(), part, StandardCopyOption.REPLACE_EXISTING));
        List<Path> files = new ArrayList<>(List.of(program));
        boolean hasCache = hasCache(source, program);
        if (hasCache) {
            files.add(cache());
        }
        // Those of earlier installations start the same program.
        List<Launcher> all = new ArrayList<>(launchers);
        for (Path launcher : launchers()) {
            if (launchers.stream().noneMatch(each -> each.name().equals(name(launcher)))) {
                all.add(new Launcher(name(launcher), mode(launcher)));
            }
        }
        files.addAll(launchers(commands(source, hasCache), all));
        return files;
    }

    private Commands commands(Program source, boolean hasCache) {
        Path program = lib.resolve(PROGRAM);
        List<String> cache = hasCache ? List.of("-XX:AOTCache=" + cache()) : List.of();
        List<String> daemon = new ArrayList<>(source.java());
        daemon.addAll(cache);
        daemon.addAll(List.of("-jar", program.toString(), "containerd", "daemon"));
        List<String> isolation = new ArrayList<>(source.java());
        isolation.addAll(ISOLATION_FLAGS);
        isolation.addAll(cache);
        isolation.addAll(List.of("-cp", program.toString(), source.isolation()));
        return new Commands(daemon, isolation);
    }

    /** The JVM's cache for fast starts of daemons, if there is one. */
    public Path cache() {
        return lib.resolve(CACHE);
    }

    private boolean hasCache(Program source, Path program) {
        try {
            return StartCache.make(source.java(), program, source.rehearsal(), cache());
        } catch (IOException e) {
            // Daemons start without one, only slower.
            return false;
        }
    }

    /** Writes launchers with what they start. */
    List<Path> launchers(Commands commands, List<Launcher> launchers) throws IOException {
        check(commands, launchers);
        String build = build(commands.daemon());
        byte[] script = text("launcher.sh").getBytes(StandardCharsets.UTF_8);
        Files.createDirectories(bin);
        List<Path> files = new ArrayList<>();
        if (launchers.stream().anyMatch(launcher -> launcher.mode() == Mode.ISOLATED)) {
            files.addAll(isolated().install(commands.isolation()));
        }
        for (Launcher launcher : launchers) {
            String name = launcher.name();
            Path file = bin.resolve(PREFIX + name);
            String conf = MARK
                    + switch (launcher.mode()) {
                        case SHARED ->
                            "java='" + String.join(" ", commands.daemon()) + "'\nstate='" + state + "'\nbuild='" + build
                                    + "'\n"
                                    + (Files.exists(isolated().folder())
                                            ? "runc='" + isolated().folder() + "'\n"
                                            : "")
                                    + code.map(folder -> "code='" + folder + "'\n")
                                            .orElse("")
                                    + metrics.map(address -> "metrics='" + address + "'\n")
                                            .orElse("");
                        case ISOLATED -> ISOLATED + isolated().folder() + "'\n";
                    };
            // Without its configuration a launcher says so; without its launcher a configuration does nothing.
            WholeFile.write(bin.resolve(PREFIX + name + CONF), conf.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
            WholeFile.write(file, script, "rwxr-xr-x");
            files.add(file);
        }
        return files;
    }

    /** A name for what a command starts, which changes with the program in its archive. */
    private static String build(List<String> command) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        for (String word : command) {
            digest.update(word.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            Path file = Path.of(word);
            if (word.endsWith(".jar") && Files.isRegularFile(file)) {
                digest.update(Files.readAllBytes(file));
            }
        }
        return HexFormat.of().formatHex(digest.digest(), 0, BUILD_BYTES);
    }

    private IsolatedFiles isolated() {
        return new IsolatedFiles(lib.resolve("isolated"));
    }

    /** Who has the containers of a launcher that is installed. */
    private static Mode mode(Path launcher) throws IOException {
        String conf = Files.readString(launcher.resolveSibling(launcher.getFileName() + CONF));
        return conf.contains(ISOLATED) ? Mode.ISOLATED : Mode.SHARED;
    }

    private void check(Commands commands, List<Launcher> launchers) {
        List<String> words = new ArrayList<>(commands.daemon());
        words.addAll(commands.isolation());
        words.add(state.toString());
        words.add(lib.toString());
        code.ifPresent(folder -> words.add(folder.toString()));
        for (String word : words) {
            if (!PLAIN.matcher(word).matches()) {
                throw new IllegalArgumentException(
                        "a path with other characters than letters, digits and /._- cannot be used: " + word);
            }
        }
        for (Launcher launcher : launchers) {
            checkName(launcher.name());
            Path file = bin.resolve(PREFIX + launcher.name());
            if (Files.exists(file) && !isOurs(file)) {
                throw new IllegalArgumentException(
                        file + " is there already, and was not written by skiff; remove it first");
            }
        }
    }

    private boolean isOurs(Path launcher) {
        try {
            return Files.readString(launcher.resolveSibling(launcher.getFileName() + CONF))
                    .startsWith(MARK);
        } catch (IOException e) {
            return false;
        }
    }

    private static String name(Path launcher) {
        return launcher.getFileName().toString().substring(PREFIX.length());
    }

    /** The launchers that are installed, in order. */
    public List<Path> launchers() throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(bin, PREFIX + "*")) {
            for (Path file : files) {
                if (!file.toString().endsWith(CONF) && isOurs(file)) {
                    found.add(file);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        found.sort(null);
        return found;
    }

    /**
     * What containerd has to know of the launchers that are installed, and of more.
     *
     * @param names of launchers that are about to be installed
     */
    public List<RuntimeEntry> entries(List<String> names, NodeContainerd node) throws IOException {
        Set<String> all = new TreeSet<>(names);
        for (Path launcher : launchers()) {
            all.add(name(launcher));
        }
        all.forEach(Installation::checkName);
        return all.stream()
                .map(name -> RuntimeEntry.of(name, bin.resolve(PREFIX + name), node))
                .toList();
    }

    /**
     * Removes all that was installed. Daemons that run go on, and so do their tasks and isolated containers; what they need stays.
     *
     * @return the files that are gone
     */
    public List<Path> uninstall() throws IOException {
        List<Path> gone = new ArrayList<>();
        for (Path launcher : launchers()) {
            Files.delete(launcher);
            Files.delete(launcher.resolveSibling(launcher.getFileName() + CONF));
            gone.add(launcher);
        }
        if (!daemons().isEmpty() || hasIsolatedContainers()) {
            return gone;
        }
        gone.addAll(isolated().uninstall());
        gone.addAll(deleteCode());
        if (Files.deleteIfExists(lib.resolve(PROGRAM))) {
            gone.add(lib.resolve(PROGRAM));
            if (Files.deleteIfExists(cache())) {
                gone.add(cache());
            }
            Files.deleteIfExists(StartCache.log(cache()));
            deleteIfEmpty(lib);
        }
        return gone;
    }

    private static void deleteIfEmpty(Path folder) throws IOException {
        try (Stream<Path> rest = Files.list(folder)) {
            if (rest.findAny().isEmpty()) {
                Files.delete(folder);
            }
        }
    }

    private List<Path> deleteCode() throws IOException {
        List<Path> gone = new ArrayList<>();
        try {
            for (Path folder : codeFolders()) {
                Files.deleteIfExists(folder.resolve(Modules.NOTES));
                if (Engine.deleteCodeCache(folder)) {
                    gone.add(folder);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (!gone.isEmpty()) {
            deleteIfEmpty(code.orElseThrow());
        }
        return gone;
    }

    /** How large all is that daemons have kept of what programs are translated to, in bytes. */
    public long codeSize() throws IOException {
        try {
            return codeFolders().stream().mapToLong(Engine::codeCacheSize).sum();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** One for each containerd. */
    private List<Path> codeFolders() throws IOException {
        if (code.isEmpty() || !Files.isDirectory(code.get())) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(code.get())) {
            return folders.filter(Files::isDirectory).sorted().toList();
        }
    }

    /** Whether isolated containers run with the program that is installed. */
    public boolean hasIsolatedContainers() {
        return IsolatedFiles.isUsed(lib.resolve(PROGRAM));
    }

    /** The daemons that run. */
    public List<RunningDaemon> daemons() throws IOException {
        List<RunningDaemon> found = new ArrayList<>();
        try (Stream<Path> folders = Files.walk(state, 2)) {
            folders.sorted().forEach(folder -> pid(folder).ifPresent(pid -> found.add(new RunningDaemon(folder, pid))));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return found;
    }

    /** The process of a folder, if it is alive and the daemon of this folder: numbers of processes are used again. */
    private static Optional<Long> pid(Path folder) {
        try {
            long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
            String command = Files.readString(Path.of("/proc/" + pid + "/cmdline"));
            return command.contains(folder.toString()) ? Optional.of(pid) : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }
}
