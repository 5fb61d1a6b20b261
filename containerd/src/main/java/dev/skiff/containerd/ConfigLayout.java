package dev.skiff.containerd;

import java.util.List;
import java.util.Optional;

/** Where a configuration of containerd has its runtimes. */
enum ConfigLayout {
    /** Version 2, of containerd 1.6 and 1.7; containerd 2 reads it too. */
    V2("io.containerd.grpc.v1.cri"),
    /** Versions 3 and 4, of containerd 2. */
    V3("io.containerd.cri.v1.runtime");

    private final String plugin;

    ConfigLayout(String plugin) {
        this.plugin = plugin;
    }

    /** The layout of a version, which is said of a file for messages. */
    static ConfigLayout of(long version, Object file) {
        if (version < 2) {
            throw new ConfigException(file
                    + " does not begin with version = 2 (containerd 1) or version = 3 (containerd 2), and containerd"
                    + " takes it for one of version 1, which has no place for runtimes; write it anew with containerd config default, or"
                    + " install with --no-config");
        }
        if (version > 4) {
            throw new ConfigException(file + " is of version " + version + ", which this skiff does not know");
        }
        return at(version).orElseThrow();
    }

    /** The layout of a version, if that has one with runtimes. */
    static Optional<ConfigLayout> at(long version) {
        if (version < 2 || version > 4) {
            return Optional.empty();
        }
        return Optional.of(version == 2 ? V2 : V3);
    }

    /** The plugin that makes pods. */
    String plugin() {
        return plugin;
    }

    /** The keys of the table with a table for each runtime. */
    List<String> runtimes() {
        return List.of("plugins", plugin, "containerd", "runtimes");
    }

    /** Tables in TOML. They name all their parents, so that they can stand at the end of any file. */
    String tables(List<RuntimeEntry> entries) {
        StringBuilder text = new StringBuilder();
        for (RuntimeEntry entry : entries) {
            text.append(header(entry.handler()));
            text.append("  runtime_type = \"").append(entry.type()).append("\"\n");
            entry.path()
                    .ifPresent(path ->
                            text.append("  runtime_path = \"").append(path).append("\"\n"));
            text.append("  pod_annotations = [\"skiff.dev/*\"]\n");
            text.append("  container_annotations = [\"skiff.dev/*\"]\n");
        }
        return text.toString();
    }

    /**
     * The runtime for Linux containers as containerd has it by default. In containerd 1 a file that names any runtime has no default
     * runtimes any more, and without this no other pod would start.
     */
    String usualRuntime() {
        return header("runc") + "  # As by default, which containerd 1 forgets when a runtime is named.\n"
                + "  runtime_type = \"io.containerd.runc.v2\"\n";
    }

    private String header(String handler) {
        return "[plugins.\"" + plugin + "\".containerd.runtimes." + handler + "]\n";
    }
}
