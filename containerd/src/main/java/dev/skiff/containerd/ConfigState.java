package dev.skiff.containerd;

import dev.skiff.containerd.RuntimeConfig.Edit;
import dev.skiff.containerd.RuntimeConfig.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The files of a containerd's configuration as they are, and as they are to be: at first without our lines. */
final class ConfigState {
    private final NodeContainerd node;
    private final Optional<Path> main;
    private final Map<Path, String> now;
    private final Map<Path, Optional<String>> then = new LinkedHashMap<>();

    private ConfigState(NodeContainerd node, Optional<Path> main, Map<Path, String> now) {
        this.node = node;
        this.main = main;
        this.now = now;
        // In what is generated lines of ours come from elsewhere.
        now.forEach((file, text) ->
                then.put(file, isGenerated() && isMain(file) ? Optional.of(text) : ConfigBlock.remove(text, file)));
    }

    static ConfigState read(NodeContainerd node) throws IOException {
        Optional<Path> folder = node.mergedFolder();
        List<Path> more = folder.isPresent() ? ConfigChain.files(folder.get().resolve("*.toml")) : List.of();
        return new ConfigState(node, ConfigFile.real(node.config()), ConfigChain.read(node.config(), more));
    }

    private boolean isMain(Path file) {
        return main.equals(Optional.of(file));
    }

    /** Where the first file is, or would be. */
    Path main() {
        return main.orElse(node.config());
    }

    /** Whether the first file is somebody's who writes it anew. */
    boolean isGenerated() {
        return main.map(now::get).filter(node::isGenerated).isPresent();
    }

    /** What files say without our lines, in containerd's order. */
    Map<Path, ConfigToml> others() {
        Map<Path, ConfigToml> others = new LinkedHashMap<>();
        then.forEach((file, text) -> text.ifPresent(each -> others.put(file, ConfigToml.parse(each, file))));
        return others;
    }

    /** What a file is to be; empty if it is not there, or to go. */
    Optional<String> text(Path file) {
        return then.getOrDefault(file, Optional.empty());
    }

    /** Says what a file is to be. */
    void put(Path file, String text) {
        then.put(file, Optional.of(text));
    }

    /** What differs. */
    List<Edit> edits() {
        List<Edit> edits = new ArrayList<>();
        then.forEach((file, text) -> {
            if (!Optional.ofNullable(now.get(file)).equals(text)) {
                edits.add(new Edit(file, text));
            }
        });
        return edits;
    }

    /** Where containerd finds a runtime as the files are. */
    Optional<Place> find(RuntimeEntry entry) {
        Optional<ConfigLayout> known = main.map(now::get)
                .flatMap(text -> ConfigLayout.at(ConfigToml.parse(text, main()).version()));
        if (known.isEmpty()) {
            return Optional.empty();
        }
        ConfigLayout layout = known.get();
        Optional<Place> found = Optional.empty();
        for (Map.Entry<Path, String> each : now.entrySet()) {
            ConfigToml toml = ConfigToml.parse(each.getValue(), each.getKey());
            // What the last file of version 2 says of the plugin may be all that counts.
            if (layout == ConfigLayout.V2
                    && toml.hasCri()
                    && node.mergedFolder().isEmpty()) {
                found = Optional.empty();
            }
            ConfigToml.Runtime runtime = toml.runtimes(layout).get(entry.handler());
            if (runtime != null && runtime.type().equals(entry.type())) {
                found = Optional.of(new Place(each.getKey(), runtime.path()));
            }
        }
        return found;
    }
}
