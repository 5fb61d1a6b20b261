package dev.skiff.oci;

import dev.skiff.oci.RandomImage.Op;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What layers mean, in the simplest way: one map from paths to what is there. */
final class FlatModel {
    /** The image breaks a rule. */
    static final class Broken extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private sealed interface Thing {}

    private record Directory(int mode) implements Thing {}

    private record Link(String target) implements Thing {}

    /** Compared by identity: two names of the same one are hard links. */
    private static final class Content implements Thing {
        private final String text;
        private final int mode;

        Content(Op op) {
            text = op.text();
            mode = op.mode();
        }
    }

    private final TreeMap<String, Thing> things = new TreeMap<>(Map.of("", new Directory(0755)));

    FlatModel copy() {
        FlatModel copy = new FlatModel();
        copy.things.putAll(things);
        return copy;
    }

    /** Applies a layer; after a breach of the rules the model is of no use. */
    void apply(List<Op> ops) throws Broken {
        List<Op> byDepth = new ArrayList<>(ops);
        byDepth.sort(Comparator.comparing(FlatModel::depth).thenComparing(Op::path));
        // Links that become directories are out of the way while things are removed.
        Map<String, Thing> links = new TreeMap<>();
        for (Op op : byDepth) {
            try {
                removeFor(op, links);
            } catch (Broken e) {
                // There is nothing to remove.
            }
        }
        things.putAll(links);
        for (Op op : ops) {
            put(op);
        }
    }

    private static long depth(Op op) {
        int components = op.path().split("/").length;
        return op.kind() == RandomImage.Kind.OPAQUE ? components + 1 : components;
    }

    private void removeFor(Op op, Map<String, Thing> links) throws Broken {
        switch (op.kind()) {
            case DIRECTORY -> {
                String path = join(directory(parent(op.path())), name(op.path()));
                if (things.get(path) instanceof Link link) {
                    links.put(path, link);
                    things.remove(path);
                }
            }
            case WHITEOUT -> {
                String path = join(directory(parent(op.path())), name(op.path()));
                remove(path);
                links.keySet().removeIf(other -> other.equals(path) || other.startsWith(path + "/"));
            }
            case OPAQUE -> {
                String directory = directory(op.path());
                for (String path : List.copyOf(things.keySet())) {
                    if (!path.isEmpty() && parent(path).equals(directory)) {
                        remove(path);
                    }
                }
                links.keySet().removeIf(other -> directory.isEmpty() || other.startsWith(directory + "/"));
            }
            default -> {}
        }
    }

    private void put(Op op) throws Broken {
        switch (op.kind()) {
            case DIRECTORY -> {
                String path = place(op.path());
                if (!(things.get(path) instanceof Directory)) {
                    remove(path);
                }
                things.put(path, new Directory(op.mode()));
            }
            case FILE -> replace(place(op.path()), new Content(op));
            case SYMLINK -> replace(place(op.path()), new Link(op.text()));
            case HARD_LINK -> {
                Thing thing = things.get(join(directory(parent(op.text())), name(op.text())));
                if (thing == null || thing instanceof Directory) {
                    throw new Broken();
                }
                replace(place(op.path()), thing);
            }
            default -> {}
        }
    }

    private void replace(String path, Thing thing) {
        remove(path);
        things.put(path, thing);
    }

    private void remove(String path) {
        things.keySet().removeIf(other -> other.equals(path) || other.startsWith(path + "/"));
    }

    /** Where an entry belongs, after its directories are made. */
    private String place(String path) throws Broken {
        String directory = follow(parent(path));
        for (String up = directory; !things.containsKey(up); up = parent(up)) {
            things.put(up, new Directory(0755));
        }
        if (!(things.get(directory) instanceof Directory)) {
            throw new Broken();
        }
        return join(directory, name(path));
    }

    private String directory(String path) throws Broken {
        String end = follow(path);
        if (!(things.get(end) instanceof Directory)) {
            throw new Broken();
        }
        return end;
    }

    private String follow(String path) throws Broken {
        String at = "";
        List<String> rest = new ArrayList<>(List.of(path.split("/")));
        for (int steps = 0; !rest.isEmpty(); steps++) {
            String name = rest.removeFirst();
            String next = name.equals("..") ? parent(at) : join(at, name);
            if (steps > 2_000) {
                throw new Broken();
            } else if (name.isEmpty()) {
                continue;
            } else if (things.get(next) instanceof Link(String target)) {
                rest.addAll(0, List.of(target.split("/")));
                at = target.startsWith("/") ? "" : at;
            } else if (things.get(next) instanceof Content && !rest.isEmpty()) {
                throw new Broken();
            } else {
                at = next;
            }
        }
        return at;
    }

    private static String parent(String path) {
        return path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static String join(String directory, String name) {
        return directory.isEmpty() ? name : directory + "/" + name;
    }

    /** Whether a directory of a path is a link. */
    boolean leadsThroughLink(String path) {
        return things.entrySet().stream()
                .anyMatch(entry -> entry.getValue() instanceof Link && path.startsWith(entry.getKey() + "/"));
    }

    /** In the form of {@link Trees#describe}. */
    SortedMap<String, String> describe() {
        SortedMap<String, String> tree = new TreeMap<>();
        Map<Content, Integer> numbers = new IdentityHashMap<>();
        things.forEach((path, thing) -> tree.put(
                path,
                switch (thing) {
                    case Directory(int mode) -> "dir " + mode(mode);
                    case Link(String target) -> "link " + Trees.relative(path, target);
                    case Content content -> {
                        numbers.putIfAbsent(content, numbers.size());
                        yield "file " + mode(content.mode) + " " + numbers.get(content) + ": " + content.text;
                    }
                }));
        return tree;
    }

    private static String mode(int mode) {
        StringBuilder text = new StringBuilder("rwxrwxrwx");
        for (int i = 0; i < 9; i++) {
            if ((mode & 0400 >> i) == 0) {
                text.setCharAt(i, '-');
            }
        }
        return text.toString();
    }
}
