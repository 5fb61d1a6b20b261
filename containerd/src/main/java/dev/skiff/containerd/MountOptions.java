package dev.skiff.containerd;

import dev.skiff.linux.Mounts;
import dev.skiff.linux.Namespaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The options of a mount, as mount(8) writes them.
 *
 * @param flags of mount(2)
 * @param propagation what becomes of what is mounted beneath, a flag of mount(2)
 * @param data what the file system wants to know
 */
record MountOptions(long flags, long propagation, List<String> data) {
    private static final Map<String, Long> FLAGS = Map.ofEntries(
            Map.entry("ro", Mounts.READ_ONLY),
            Map.entry("bind", Mounts.BIND),
            Map.entry("rbind", Mounts.BIND | Mounts.RECURSIVE),
            Map.entry("nosuid", Mounts.NO_SUID),
            Map.entry("nodev", Mounts.NO_DEVICES),
            Map.entry("noexec", Mounts.NO_EXEC),
            Map.entry("sync", Mounts.SYNCHRONOUS),
            Map.entry("dirsync", Mounts.DIRECTORY_SYNCHRONOUS),
            Map.entry("noatime", Mounts.NO_ACCESS_TIMES),
            Map.entry("nodiratime", Mounts.NO_DIRECTORY_ACCESS_TIMES),
            Map.entry("relatime", Mounts.RELATIVE_ACCESS_TIMES),
            Map.entry("strictatime", Mounts.STRICT_ACCESS_TIMES));

    /** A page, with its end. */
    private static final int MAX_DATA = 4096;

    /** What is so without being said. */
    private static final List<String> DEFAULTS =
            List.of("rw", "suid", "dev", "exec", "async", "atime", "diratime", "defaults");

    private static final Map<String, Long> PROPAGATIONS = Map.of(
            "private",
            Mounts.PRIVATE,
            "rprivate",
            Mounts.PRIVATE | Mounts.RECURSIVE,
            "slave",
            Mounts.SLAVE,
            "rslave",
            Mounts.SLAVE | Mounts.RECURSIVE);

    static MountOptions parse(List<String> options) {
        long flags = 0;
        long propagation = Mounts.PRIVATE | Mounts.RECURSIVE;
        List<String> data = new ArrayList<>();
        for (String option : options) {
            if (FLAGS.containsKey(option)) {
                flags |= FLAGS.get(option);
            } else if (PROPAGATIONS.containsKey(option)) {
                propagation = PROPAGATIONS.get(option);
            } else if (!DEFAULTS.contains(option)) {
                data.add(option);
            }
        }
        return new MountOptions(flags, propagation, List.copyOf(data));
    }

    boolean isBind() {
        return (flags & Mounts.BIND) != 0;
    }

    /**
     * Mounts so.
     *
     * @param target an absolute path
     */
    void mount(String source, String target, String type) {
        String text = String.join(",", data);
        if (text.length() < MAX_DATA) {
            Mounts.mount(source, target, type, flags, text);
            return;
        }
        // Layers by the dozen, whose names are shorter where they are.
        LowerDirectories layers = LowerDirectories.of(data);
        OwnThread.run("mount", () -> {
            Namespaces.changeOwnDirectory(layers.parent());
            Mounts.mount(source, target, type, flags, String.join(",", layers.options()));
        });
    }

    /** Makes a mount of a folder or file as it should be: at first it is as its source. */
    void adjust(String target) {
        Mounts.mount("", target, "", propagation, "");
        long wanted = flags & ~(Mounts.BIND | Mounts.RECURSIVE);
        if (isBind() && wanted != 0) {
            Mounts.mount("", target, "", wanted | Mounts.BIND | Mounts.REMOUNT, "");
        }
    }
}
