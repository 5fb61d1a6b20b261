package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The entries for runtimes in a containerd's configuration, by which pods of Kubernetes reach them. They stand in a file of their own
 * where containerd merges such files, and otherwise in a block at the end of the file that counts; all other bytes stay as they are.
 *
 * <p>containerd 1 does not merge: of several files that configure its CRI plugin the last counts alone, and a file that names a
 * runtime has no default ones. What is written here holds for it and for containerd 2.
 */
public final class RuntimeConfig {
    private static final String DROP_IN = "skiff.toml";

    private final NodeContainerd node;
    private final Supplier<String> defaults;

    /**
     * A file that is to change.
     *
     * @param file which
     * @param text what it is to be; empty if it is to go
     */
    public record Edit(Path file, Optional<String> text) {
        /** Changes it, in one step. */
        public void apply() throws IOException {
            if (text.isPresent()) {
                ConfigFile.write(file, text.get());
            } else {
                Files.delete(file);
            }
        }
    }

    /**
     * Where a runtime stands.
     *
     * @param file the file that has it
     * @param path its launcher, where the file says
     */
    public record Place(Path file, Optional<Path> path) {}

    /** The configuration of a node's containerd. */
    public RuntimeConfig(NodeContainerd node) {
        this(node, ContainerdDefaults::read);
    }

    /** The same with another way to learn what containerd does without a file. */
    RuntimeConfig(NodeContainerd node, Supplier<String> defaults) {
        this.node = node;
        this.defaults = defaults;
    }

    /** Where a runtime stands, if it does. */
    public Optional<Place> find(RuntimeEntry entry) throws IOException {
        return ConfigState.read(node).find(entry);
    }

    /** What is to change so that the configuration has none of our entries. */
    public List<Edit> remove() throws IOException {
        return ConfigState.read(node).edits();
    }

    /**
     * What is to change so that the configuration has entries, and none of ours besides.
     *
     * @return nothing, if it is so already
     * @throws ConfigException if it cannot have them
     */
    public List<Edit> add(List<RuntimeEntry> entries) throws IOException {
        Set<String> handlers = new HashSet<>();
        for (RuntimeEntry entry : entries) {
            if (!handlers.add(entry.handler())) {
                throw new ConfigException(
                        "two runtimes would have the handler " + entry.handler() + "; uninstall first");
            }
        }
        ConfigState state = ConfigState.read(node);
        if (state.text(state.main()).isPresent()) {
            write(entries, state);
        } else {
            create(entries, state);
        }
        return state.edits();
    }

    /** Makes the first file, which says what containerd did without it. */
    private void create(List<RuntimeEntry> entries, ConfigState state) {
        if (!node.isUsual()) {
            throw new ConfigException("there is no " + node.config()
                    + " yet: start this Kubernetes distribution once, and install again");
        }
        String source = "what containerd config default prints";
        ConfigToml usual = ConfigToml.parse(defaults.get(), source);
        ConfigLayout layout = ConfigLayout.of(usual.version(), source);
        StringBuilder first = new StringBuilder("version = " + usual.version() + "\n");
        if (!usual.imports().isEmpty()) {
            first.append("imports = [\"")
                    .append(String.join("\", \"", usual.imports()))
                    .append("\"]\n");
        }
        ConfigChecks.merges(entries, layout, state.others());
        String runc = layout == ConfigLayout.V2 ? layout.usualRuntime() : "";
        state.put(state.main(), ConfigBlock.made(first.toString(), runc + layout.tables(entries)));
        ConfigChecks.has(entries, layout, state, state.main());
    }

    private void write(List<RuntimeEntry> entries, ConfigState state) throws IOException {
        Path main = state.main();
        Map<Path, ConfigToml> others = state.others();
        ConfigToml toml = others.get(main);
        ConfigLayout layout = ConfigLayout.of(toml.version(), main);
        ConfigChecks.isEnabled(others);
        Optional<Path> dropIn = dropIn(main, toml, layout, state.isGenerated());
        if (dropIn.isPresent()) {
            Path file = dropIn.get();
            ConfigChecks.merges(entries, layout, others);
            String lines = layout.tables(entries);
            state.put(
                    file,
                    state.text(file)
                            .map(text -> ConfigBlock.add(text, lines))
                            .orElseGet(() -> ConfigBlock.made("version = " + toml.version() + "\n", lines)));
            ConfigChecks.has(entries, layout, state, file);
        } else if (state.isGenerated()) {
            checkTemplate(entries, layout, state);
        } else {
            Path file = layout == ConfigLayout.V2 ? last(main, others) : main;
            ConfigChecks.isFree(entries, layout, others);
            boolean bare = layout == ConfigLayout.V2
                    && others.get(file).runtimes(layout).isEmpty();
            String lines = (bare ? layout.usualRuntime() : "") + layout.tables(entries);
            state.put(file, ConfigBlock.add(state.text(file).orElseThrow(), lines));
            ConfigChecks.has(entries, layout, state, file);
        }
    }

    /** Of the files of version 2 the one that containerd 1 goes by: the last that says anything of the plugin. */
    private static Path last(Path main, Map<Path, ConfigToml> others) {
        Path last = main;
        for (Map.Entry<Path, ConfigToml> each : others.entrySet()) {
            if (each.getValue().hasCri()) {
                last = each.getKey();
            }
        }
        return last;
    }

    /** The file of our own that would be merged with the others. */
    private Optional<Path> dropIn(Path main, ConfigToml toml, ConfigLayout layout, boolean generated)
            throws IOException {
        Optional<Path> merged = node.mergedFolder();
        if (merged.isPresent() && generated) {
            return merged.map(folder -> folder.resolve(DROP_IN));
        }
        if (layout == ConfigLayout.V2) {
            return Optional.empty();
        }
        for (String pattern : toml.imports()) {
            Path path = ConfigChain.resolve(main, pattern);
            boolean matches = pattern.contains("*")
                    && !path.getParent().toString().contains("*")
                    && FileSystems.getDefault()
                            .getPathMatcher("glob:" + path.getFileName())
                            .matches(Path.of(DROP_IN));
            if (matches) {
                Path file = path.resolveSibling(DROP_IN);
                return Optional.of(ConfigFile.real(file).orElse(file));
            }
        }
        return Optional.empty();
    }

    /** The file is made from a template, which need not be TOML and is left to people: they must have put the entries there. */
    private void checkTemplate(List<RuntimeEntry> entries, ConfigLayout layout, ConfigState state) {
        List<RuntimeEntry> missing = entries.stream()
                .filter(entry ->
                        !node.adds(entry.handler()) && state.find(entry).isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            Path template = node.config()
                    .resolveSibling(layout == ConfigLayout.V2 ? "config.toml.tmpl" : "config-v3.toml.tmpl");
            throw new ConfigException(node.config()
                    + " is generated, and imports no folder. Put the lines below at the end of " + template
                    + ", where a new file begins with the line {{ template \"base\" . }}; do " + node.restart()
                    + "; and install again. Until then --no-config installs the rest.\n" + layout.tables(missing));
        }
    }
}
