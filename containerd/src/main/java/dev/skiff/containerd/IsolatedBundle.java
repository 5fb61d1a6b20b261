package dev.skiff.containerd;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Makes of the configuration of a Wasm container (OCI runtime specification) that of a container whose process is a JVM which runs the program.
 *
 * <p>That container has a root of its own, with nothing but the JVM: see {@link IsolatedRoot}. The container's files are a folder in it, {@link #FILES},
 * and that is all that the program can reach of it. What the kernel enforces is as the configuration says, but for what a program without
 * native code has no use of: it has no capabilities, devices or hooks. Immutable.
 */
final class IsolatedBundle {
    /** The folder with the container's files, as the JVM sees it; what {@code root.path} says beneath {@code /}. */
    static final String FILES = "/rootfs";
    /** The container's own configuration, as the JVM sees it. */
    static final String CONFIGURATION = "/config.json";
    /** The name of the module of an image that is nothing else, among the container's files. */
    static final String MODULE = ".skiff.wasm";
    /** The variable with a process that was added: its description, in Base64. */
    static final String PROCESS = "SKIFF_PROCESS";

    /**
     * What a container gets besides its limit, which is the program's; bytes. A JVM needs some 40 MiB besides the program's memory, more while it compiles,
     * and somebody may look inside with another.
     */
    static final long RESERVE = 96L << 20;

    /** A heap that does for a small module. */
    private static final long LEAST_HEAP = 32L << 20;

    private static final List<String> CAPABILITY_SETS =
            List.of("bounding", "effective", "inheritable", "permitted", "ambient");
    private static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private final Path root;
    private final JavaCommand java;

    /**
     * With nothing done yet.
     *
     * @param root the folder that {@link IsolatedRoot} made
     * @param java starts the program {@link Isolation}, up to its arguments
     */
    IsolatedBundle(Path root, JavaCommand java) {
        this.root = root;
        this.java = java;
    }

    /**
     * A container.
     *
     * @param config its configuration; not changed
     * @param spec what that says
     * @param seen the file with what the program shall see of it
     */
    JsonObject container(JsonObject config, Spec spec, Path seen) {
        JsonObject made = config.deepCopy();
        JsonObject itsRoot = new JsonObject();
        itsRoot.addProperty("path", root.toString());
        itsRoot.addProperty("readonly", true);
        made.add("root", itsRoot);
        JsonArray mounts = new JsonArray();
        mounts.add(mount("proc", "proc", "/proc", List.of("nosuid", "noexec", "nodev")));
        mounts.add(mount("tmpfs", "tmpfs", "/dev", List.of("nosuid", "noexec", "mode=755", "size=64k")));
        mounts.add(mount(
                "devpts",
                "devpts",
                "/dev/pts",
                List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620")));
        mounts.add(bind(java.home(), java.home().toString(), List.of("ro", "nosuid", "nodev")));
        java.files().forEach(file -> mounts.add(bind(file, file.toString(), List.of("ro", "nosuid", "nodev"))));
        List<String> still = List.of("ro", "nosuid", "nodev", "noexec");
        mounts.add(bind(seen, CONFIGURATION, still));
        // What the machine mounts in a volume later can be seen where the volume wants that.
        List<String> options = new ArrayList<>(List.of("rbind", "rslave", "nosuid", "nodev", "noexec"));
        if (spec.readOnly()) {
            options.add("ro");
        }
        mounts.add(mount("bind", spec.root().toString(), FILES, options));
        made.add("mounts", mounts);
        JsonObject process = Json.object(made, "process");
        change(process, spec.resources(), List.of());
        made.add("process", process);
        JsonObject linux = Json.object(made, "linux");
        linux.remove("devices");
        linux.remove("rootfsPropagation");
        linux.add("maskedPaths", array(MASKED));
        linux.add("readonlyPaths", array(READ_ONLY));
        linux.add("resources", resources(Json.object(linux, "resources")));
        made.add("linux", linux);
        made.remove("hooks");
        return made;
    }

    /**
     * A process that is added to a container.
     *
     * @param process its description; not changed
     * @param limits what its container may use of the machine
     */
    JsonObject process(JsonObject process, Resources limits) {
        JsonObject made = process.deepCopy();
        byte[] description = process.toString().getBytes(StandardCharsets.UTF_8);
        change(made, limits, List.of(PROCESS + "=" + Base64.getEncoder().encodeToString(description)));
        return made;
    }

    /** Limits for a container of which the program in it may use these; not changed. */
    static JsonObject resources(JsonObject resources) {
        JsonObject made = resources.deepCopy();
        JsonObject memory = Json.object(made, "memory");
        for (String name : List.of("limit", "swap", "reservation")) {
            Json.number(memory, name)
                    .filter(bytes -> bytes > 0)
                    .ifPresent(bytes ->
                            memory.addProperty(name, bytes > Long.MAX_VALUE - RESERVE ? bytes : bytes + RESERVE));
        }
        JsonObject unified = Json.object(made, "unified");
        Json.text(unified, "memory.high")
                .filter(text -> text.matches("\\d{1,18}"))
                .ifPresent(text -> unified.addProperty("memory.high", Long.toString(Long.parseLong(text) + RESERVE)));
        return made;
    }

    /** Makes a JVM of a process. Of the program's environment nothing reaches it. */
    private void change(JsonObject process, Resources limits, List<String> environment) {
        process.add("args", array(java.with(flags(limits), List.of("run"))));
        List<String> variables = new ArrayList<>(environment);
        variables.add("LD_LIBRARY_PATH=" + IsolatedRoot.LIBRARIES);
        process.add("env", array(variables));
        process.addProperty("cwd", "/");
        process.addProperty("noNewPrivileges", true);
        JsonObject capabilities = new JsonObject();
        CAPABILITY_SETS.forEach(set -> capabilities.add(set, new JsonArray()));
        process.add("capabilities", capabilities);
        // Those of the program are the engine's to keep; a JVM could not live with some.
        JsonObject core = new JsonObject();
        core.addProperty("type", "RLIMIT_CORE");
        core.addProperty("soft", 0);
        core.addProperty("hard", 0);
        JsonArray rlimits = new JsonArray();
        rlimits.add(core);
        process.add("rlimits", rlimits);
    }

    /**
     * The program's memory is not in the heap, and large only if the program makes it so; modules are, while they are read. Where both are too large
     * for the container the kernel ends it.
     */
    private static List<String> flags(Resources limits) {
        List<String> flags = new ArrayList<>();
        limits.memory().stream()
                .filter(bytes -> bytes > 0)
                .forEach(bytes -> flags.add("-Xmx" + ((LEAST_HEAP + bytes / 2) >> 10) + "k"));
        limits.cpus().stream()
                .filter(cpus -> cpus > 0)
                .forEach(cpus -> flags.add("-XX:ActiveProcessorCount=" + (int) Math.ceil(cpus)));
        return flags;
    }

    private static JsonObject bind(Path source, String destination, List<String> options) {
        List<String> all = new ArrayList<>(List.of("rbind", "rprivate"));
        all.addAll(options);
        return mount("bind", source.toString(), destination, all);
    }

    private static JsonObject mount(String type, String source, String destination, List<String> options) {
        JsonObject mount = new JsonObject();
        mount.addProperty("destination", destination);
        mount.addProperty("type", type);
        mount.addProperty("source", source);
        mount.add("options", array(options));
        return mount;
    }

    private static JsonArray array(List<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }
}
