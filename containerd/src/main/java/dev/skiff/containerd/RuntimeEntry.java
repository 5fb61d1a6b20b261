package dev.skiff.containerd;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What containerd's CRI plugin has to know of a runtime. Immutable.
 *
 * @param handler what a RuntimeClass names, such as {@code skiff}
 * @param type what containerd calls the runtime, such as {@code io.containerd.skiff.v1}
 * @param path its launcher, where containerd would not find it by its type
 */
public record RuntimeEntry(String handler, String type, Optional<Path> path) {
    /** Where containerd looks for launchers, as systemd starts it. */
    private static final List<Path> SEARCHED =
            List.of(Path.of("/usr/local/sbin"), Path.of("/usr/local/bin"), Path.of("/usr/sbin"), Path.of("/usr/bin"));

    private static final String TYPES = "io.containerd.";
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._=:,@%+-]+");

    /** Refuses paths that would need more than quotes. */
    public RuntimeEntry {
        if (path.isPresent() && !PLAIN.matcher(path.get().toString()).matches()) {
            throw new ConfigException(
                    "a path with other characters than letters, digits and /._- cannot be used: " + path.get());
        }
    }

    /**
     * The entry of a launcher.
     *
     * @param name of the launcher, fit for {@link Installation#isName}
     */
    static RuntimeEntry of(String name, Path launcher, NodeContainerd node) {
        boolean found = node.isUsual() && isSearched(launcher);
        return new RuntimeEntry(
                Installation.handler(name),
                Installation.runtime(name),
                found ? Optional.empty() : Optional.of(launcher));
    }

    /** Where containerd finds the launcher, if it does: where the configuration says, or by the type. */
    public Optional<Path> launcher(RuntimeConfig.Place place) {
        String file = "containerd-shim-" + type.substring(TYPES.length()).replace('.', '-');
        return place.path()
                .map(Stream::of)
                .orElseGet(() -> SEARCHED.stream().map(folder -> folder.resolve(file)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Whether containerd finds a launcher by its name alone. */
    private static boolean isSearched(Path launcher) {
        return SEARCHED.contains(launcher.getParent());
    }
}
