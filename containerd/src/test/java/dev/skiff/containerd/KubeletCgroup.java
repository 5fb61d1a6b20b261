package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A cgroup of its own for a kubelet and its pods, in each hierarchy of cgroups(7): a kubelet ends pods in its cgroup that it does not know,
 * and those of others are others'.
 *
 * @param name its path in a hierarchy
 */
record KubeletCgroup(String name) implements AutoCloseable {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    /** There with version 2. */
    private static final Path CONTROLLERS = ROOT.resolve("cgroup.controllers");
    /** What a kubelet asks for, of what there is. */
    private static final List<String> WANTED = List.of("cpu", "cpuset", "hugetlb", "memory", "pids");

    static KubeletCgroup make(String name) throws IOException {
        if (Files.exists(CONTROLLERS)) {
            // A cgroup of version 2 has those that the one above gives away.
            Path given = ROOT.resolve("cgroup.subtree_control");
            Set<String> missing = wantedOf(CONTROLLERS);
            missing.removeAll(wantedOf(given));
            for (String controller : missing) {
                Files.writeString(given, "+" + controller);
            }
        }
        for (Path hierarchy : hierarchies()) {
            Files.createDirectory(hierarchy.resolve(name));
        }
        return new KubeletCgroup(name);
    }

    private static Set<String> wantedOf(Path file) throws IOException {
        Set<String> words = new TreeSet<>(WANTED);
        words.retainAll(List.of(Files.readString(file).strip().split(" ")));
        return words;
    }

    /** One of version 2, or those of version 1, of which some are there under two names; one of version 2 may be beside them. */
    private static List<Path> hierarchies() throws IOException {
        if (Files.exists(CONTROLLERS)) {
            return List.of(ROOT);
        }
        try (Stream<Path> all = Files.list(ROOT)) {
            return all.filter(each -> !Files.isSymbolicLink(each) && Files.isDirectory(each))
                    .toList();
        }
    }

    /** Removes it, in which no process may be any more. */
    @Override
    public void close() throws IOException {
        for (Path hierarchy : hierarchies()) {
            try (Stream<Path> all = Files.walk(hierarchy.resolve(name))) {
                for (Path cgroup : all.filter(Files::isDirectory)
                        .sorted(Comparator.reverseOrder())
                        .toList()) {
                    Files.delete(cgroup);
                }
            }
        }
    }
}
