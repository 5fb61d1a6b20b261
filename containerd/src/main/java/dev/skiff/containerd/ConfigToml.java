package dev.skiff.containerd;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlInvalidTypeException;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * What is read of a configuration of containerd.
 *
 * @param version of its layout; 0 if it does not say
 * @param imports files or patterns of files that are read after it
 * @param disabled plugins that are not started
 * @param tables the runtimes of the CRI plugin by their handlers, as each layout has them
 * @param hasCri whether it configures anything of the CRI plugin of version 2
 */
record ConfigToml(
        long version,
        List<String> imports,
        List<String> disabled,
        Map<ConfigLayout, Map<String, Runtime>> tables,
        boolean hasCri) {
    /**
     * A runtime of somebody's.
     *
     * @param type its {@code runtime_type}, empty if it does not say
     * @param path its {@code runtime_path}
     */
    record Runtime(String type, Optional<Path> path) {}

    /**
     * Reads a text.
     *
     * @param file for messages
     * @throws ConfigException if it is no such configuration
     */
    static ConfigToml parse(String text, Object file) {
        TomlParseResult toml = Toml.parse(text);
        if (toml.hasErrors()) {
            throw new ConfigException(file + " is not TOML: "
                    + toml.errors().stream().limit(3).map(Object::toString).collect(Collectors.joining("; ")));
        }
        try {
            Map<ConfigLayout, Map<String, Runtime>> tables = new EnumMap<>(ConfigLayout.class);
            for (ConfigLayout layout : ConfigLayout.values()) {
                Map<String, Runtime> runtimes = new LinkedHashMap<>();
                tables.put(layout, runtimes);
                if (toml.get(layout.runtimes()) instanceof TomlTable table) {
                    table.keySet().forEach(handler -> runtimes.put(handler, runtime(table.get(List.of(handler)))));
                }
            }
            return new ConfigToml(
                    toml.get(List.of("version")) instanceof Long version ? version : 0,
                    strings(toml.get(List.of("imports"))),
                    strings(toml.get(List.of("disabled_plugins"))),
                    tables,
                    toml.contains(List.of("plugins", ConfigLayout.V2.plugin())));
        } catch (TomlInvalidTypeException e) {
            throw new ConfigException(file + " is no configuration of containerd: " + e.getMessage(), e);
        }
    }

    /** The runtimes that count in a layout. */
    Map<String, Runtime> runtimes(ConfigLayout layout) {
        return tables.get(layout);
    }

    private static Runtime runtime(Object value) {
        if (!(value instanceof TomlTable table)) {
            return new Runtime("", Optional.empty());
        }
        String type = table.get(List.of("runtime_type")) instanceof String text ? text : "";
        return table.get(List.of("runtime_path")) instanceof String path && !path.isEmpty()
                ? new Runtime(type, Optional.of(Path.of(path)))
                : new Runtime(type, Optional.empty());
    }

    private static List<String> strings(Object value) {
        List<String> strings = new ArrayList<>();
        if (value instanceof TomlArray array) {
            for (Object each : array.toList()) {
                if (each instanceof String text) {
                    strings.add(text);
                }
            }
        }
        return List.copyOf(strings);
    }
}
