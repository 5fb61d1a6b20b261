package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.TreeWalk.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Changes an image's file system as a layer says (OCI image specification, section "Applying Changesets"). What a layer removes is
 * removed first, wherever in the layer that stands, because it means lower layers alone; what lies higher in the tree is removed before
 * what lies deeper, so that the order in the layer does not matter. For one thread.
 */
final class LayerApplier {
    private static final String RESERVED = ".wh.";

    private final Node.Directory root;
    private final TreeWalk walk;
    private final Allowance allowance;

    LayerApplier(Node.Directory root, Allowance allowance) {
        this.root = root;
        this.walk = new TreeWalk(root);
        this.allowance = allowance;
    }

    /**
     * Applies a layer.
     *
     * @param layer its name, for messages
     * @throws OciException INVALID, TOO_LARGE
     */
    void apply(List<LayerEntry> entries, String layer) {
        remove(entries);
        entries.forEach(entry -> put(entry, layer));
    }

    private void remove(List<LayerEntry> entries) {
        // Links that become directories: what is removed in the directory is not where the link led to.
        Set<Place> replaced = new HashSet<>();
        for (List<LayerEntry> level : byDepth(entries).values()) {
            level.sort(Comparator.comparing(LayerEntry::path));
            level.forEach(entry -> remove(entry, replaced));
        }
    }

    private static SortedMap<Long, List<LayerEntry>> byDepth(List<LayerEntry> entries) {
        return entries.stream()
                .filter(entry -> entry instanceof LayerEntry.Opaque
                        || entry instanceof LayerEntry.Whiteout
                        || entry instanceof LayerEntry.Directory
                                && !entry.path().isEmpty())
                .collect(Collectors.groupingBy(
                        LayerApplier::depth, TreeMap::new, Collectors.toCollection(ArrayList::new)));
    }

    private void remove(LayerEntry entry, Set<Place> replaced) {
        switch (entry) {
            case LayerEntry.Directory directory ->
                replacedLink(directory, replaced).ifPresent(replaced::add);
            case LayerEntry.Whiteout gone ->
                existing(ImagePath.parent(gone.path()), replaced)
                        .ifPresent(parent -> parent.remove(ImagePath.name(gone.path())));
            case LayerEntry.Opaque opaque -> existing(opaque.path(), replaced).ifPresent(Node.Directory::clear);
            case LayerEntry.Leaf leaf -> {}
            case LayerEntry.HardLink link -> {}
        }
    }

    /** An opaque directory removes what is in it, one level deeper. */
    private static long depth(LayerEntry entry) {
        long slashes = entry.path().chars().filter(c -> c == '/').count();
        return entry instanceof LayerEntry.Opaque ? slashes + 1 : slashes;
    }

    private Optional<Place> replacedLink(LayerEntry.Directory entry, Set<Place> replaced) {
        String name = ImagePath.name(entry.path());
        return existing(ImagePath.parent(entry.path()), replaced)
                .filter(parent -> parent.child(name).orElse(null) instanceof Node.Link)
                .map(parent -> new Place(parent, name));
    }

    private Optional<Node.Directory> existing(String path, Set<Place> absent) {
        return walk.walkWithout(absent, path) instanceof TreeWalk.End.Directory(Node.Directory directory)
                ? Optional.of(directory)
                : Optional.empty();
    }

    private void put(LayerEntry entry, String layer) {
        switch (entry) {
            case LayerEntry.Directory directory -> putDirectory(directory, layer);
            case LayerEntry.Leaf leaf -> putLeaf(leaf.path(), leaf.node(), layer);
            case LayerEntry.HardLink link -> putLeaf(link.path(), target(link, layer), layer);
            case LayerEntry.Whiteout gone -> {}
            case LayerEntry.Opaque opaque -> {}
        }
    }

    private void putDirectory(LayerEntry.Directory entry, String layer) {
        if (entry.path().isEmpty()) {
            root.describe(entry.attributes());
            return;
        }
        Node.Directory parent = parent(entry.path(), layer);
        String name = ImagePath.name(entry.path());
        if (parent.child(name).orElse(null) instanceof Node.Directory existing) {
            existing.describe(entry.attributes());
        } else {
            make(parent, name, layer).describe(entry.attributes());
        }
    }

    private void putLeaf(String path, Node node, String layer) {
        Node.Directory parent = parent(path, layer);
        String name = ImagePath.name(path);
        checkPlace(parent, name, layer);
        parent.put(name, node);
    }

    private Node target(LayerEntry.HardLink link, String layer) {
        Optional<Node> node = existing(ImagePath.parent(link.target()), Set.of())
                .flatMap(directory -> directory.child(ImagePath.name(link.target())));
        if (node.isEmpty() || node.get() instanceof Node.Directory) {
            throw new OciException(
                    Problem.INVALID,
                    layer + " makes " + ImagePath.shown(link.path()) + " the same file as "
                            + ImagePath.shown(link.target())
                            + (node.isEmpty() ? ", which does not exist" : ", which is a directory"));
        }
        return node.get();
    }

    /** The directory in which a path's last name belongs; it is made if it is not there. */
    private Node.Directory parent(String path, String layer) {
        return switch (walk.walk(ImagePath.parent(path))) {
            case TreeWalk.End.Directory(Node.Directory directory) -> directory;
            case TreeWalk.End.Missing(Node.Directory in, List<String> names) -> {
                Node.Directory directory = in;
                for (String name : names) {
                    allowance.entry(layer);
                    directory = make(directory, name, layer);
                }
                yield directory;
            }
            case TreeWalk.End.File(Node.File file, Node.Directory in, String name) ->
                throw blocked(path, in.pathOf(name), layer);
            case TreeWalk.End.Blocked(String file) -> throw blocked(path, file, layer);
            case TreeWalk.End.Endless() ->
                throw new OciException(
                        Problem.INVALID, layer + " has " + ImagePath.shown(path) + ", to which links lead without end");
        };
    }

    private static OciException blocked(String path, String file, String layer) {
        return new OciException(
                Problem.INVALID,
                layer + " has " + ImagePath.shown(path) + ", and " + ImagePath.shown(file)
                        + " is a file, not a directory");
    }

    private Node.Directory make(Node.Directory parent, String name, String layer) {
        checkPlace(parent, name, layer);
        Node.Directory directory = parent.prepare(name);
        if (directory.depth() > allowance.limits().depth()) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    layer + " has directories within directories, more than the limit of "
                            + allowance.limits().depth() + ": " + ImagePath.shown(parent.pathOf(name)));
        }
        parent.put(name, directory);
        return directory;
    }

    /** Links can lead to names and paths that no entry may have. */
    private void checkPlace(Node.Directory parent, String name, String layer) {
        if (name.startsWith(RESERVED)) {
            throw new OciException(
                    Problem.INVALID,
                    layer + " has " + ImagePath.shown(parent.pathOf(name))
                            + ", and names that begin with .wh. are for what a layer removes");
        }
        if (ImagePath.bytes(name) > UnpackLimits.NAME_BYTES
                || parent.pathBytesOf(name) > allowance.limits().pathBytes()) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    layer + " has a path that is longer than the limit of "
                            + allowance.limits().pathBytes() + " bytes, or a name in it longer than "
                            + UnpackLimits.NAME_BYTES + ": " + ImagePath.shown(parent.pathOf(name)));
        }
    }
}
