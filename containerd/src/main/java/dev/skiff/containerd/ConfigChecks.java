package dev.skiff.containerd;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What must hold of a configuration before entries are written, and after. All throw {@link ConfigException} where it does not. */
final class ConfigChecks {
    private ConfigChecks() {}

    /** The plugin that reads entries is not disabled. */
    static void isEnabled(Map<Path, ConfigToml> files) {
        files.forEach((file, toml) -> {
            for (String plugin : List.of("cri", ConfigLayout.V2.plugin(), ConfigLayout.V3.plugin())) {
                if (toml.disabled().contains(plugin)) {
                    throw new ConfigException(
                            file + " disables containerd's plugin for Kubernetes (disabled_plugins has " + plugin
                                    + "), and entries would do nothing; enable it, or install with --no-config");
                }
            }
        });
    }

    /** Entries can be merged with those of others: where both name a handler they mean the same. */
    static void merges(List<RuntimeEntry> entries, ConfigLayout layout, Map<Path, ConfigToml> others) {
        for (RuntimeEntry entry : entries) {
            others.forEach((file, toml) -> {
                ConfigToml.Runtime runtime = toml.runtimes(layout).get(entry.handler());
                if (runtime != null && !runtime.type().equals(entry.type())) {
                    throw taken(entry, file);
                }
            });
        }
    }

    /** Nobody else has named the handlers, in whichever file. */
    static void isFree(List<RuntimeEntry> entries, ConfigLayout layout, Map<Path, ConfigToml> others) {
        for (RuntimeEntry entry : entries) {
            others.forEach((file, toml) -> {
                if (toml.runtimes(layout).containsKey(entry.handler())) {
                    throw taken(entry, file);
                }
            });
        }
    }

    private static ConfigException taken(RuntimeEntry entry, Path file) {
        return new ConfigException(file + " has a runtime " + entry.handler()
                + " already, which skiff did not write; take it out, or install with --no-config");
    }

    /** A file is, as it would be written, TOML that has the entries. */
    static void has(List<RuntimeEntry> entries, ConfigLayout layout, ConfigState state, Path file) {
        String why = file + " is written in a way to which tables cannot be added at its end: ";
        ConfigToml toml;
        try {
            toml = ConfigToml.parse(state.text(file).orElseThrow(), "it");
        } catch (ConfigException e) {
            throw new ConfigException(why + e.getMessage(), e);
        }
        for (RuntimeEntry entry : entries) {
            ConfigToml.Runtime runtime = toml.runtimes(layout).get(entry.handler());
            if (runtime == null || !runtime.type().equals(entry.type())) {
                throw new ConfigException(why + "it would not have " + entry.handler());
            }
        }
    }
}
