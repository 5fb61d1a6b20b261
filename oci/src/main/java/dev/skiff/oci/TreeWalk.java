package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * Finds out where paths lead in an image's file system, as the kernel would for a process whose root directory it is: links are
 * followed within it, absolute ones from its root, and {@code ..} of the root is the root. For one thread.
 */
final class TreeWalk {
    private static final int MAX_LINKS = 255;
    /** Components of the texts of links, for all paths of an image: seconds. */
    private static final long MAX_LINKED = 20_000_000;

    /** Where a path leads. */
    sealed interface End {
        /** To a directory. */
        record Directory(Node.Directory directory) implements End {}

        /** To a file, which has this name in that directory. */
        record File(Node.File file, Node.Directory in, String name) implements End {}

        /** To nothing; the first of the missing names would be in that directory, and each in the one before. */
        record Missing(Node.Directory in, List<String> names) implements End {}

        /** Through a file, as if it were a directory. */
        record Blocked(String file) implements End {}

        /** Round and round, or through more links than anyone needs. */
        record Endless() implements End {}
    }

    /** A name in a directory, whatever it stands for. */
    record Place(Node.Directory in, String name) {}

    private final Node.Directory root;
    private long linked;

    TreeWalk(Node.Directory root) {
        this.root = root;
    }

    /** Follows a path from the root as if some names were not there. */
    End walkWithout(Set<Place> absent, String path) {
        return walk(root, path, absent);
    }

    /** Follows a path from the root, links at its end included. */
    End walk(String path) {
        return walk(root, path);
    }

    /** Follows a path from a directory, or from the root if it is absolute. */
    End walk(Node.Directory from, String path) {
        return walk(from, path, Set.of());
    }

    private End walk(Node.Directory from, String path, Set<Place> absent) {
        Deque<String> pending = new ArrayDeque<>();
        push(path, pending);
        Node.Directory at = path.startsWith("/") ? root : from;
        List<String> missing = new ArrayList<>();
        int links = 0;
        while (!pending.isEmpty()) {
            String name = pending.pop();
            if (name.equals("..")) {
                if (missing.isEmpty()) {
                    at = at.parent();
                } else {
                    missing.removeLast();
                }
                continue;
            }
            boolean there = missing.isEmpty() && !absent.contains(new Place(at, name));
            Node node = there ? at.child(name).orElse(null) : null;
            switch (node) {
                case null -> missing.add(name);
                case Node.Directory directory -> at = directory;
                case Node.File file -> {
                    return pending.isEmpty() ? new End.File(file, at, name) : new End.Blocked(at.pathOf(name));
                }
                case Node.Link link -> {
                    if (++links > MAX_LINKS) {
                        return new End.Endless();
                    }
                    linked += push(link.target(), pending);
                    checkWork();
                    at = link.target().startsWith("/") ? root : at;
                }
            }
        }
        return missing.isEmpty() ? new End.Directory(at) : new End.Missing(at, missing);
    }

    private void checkWork() {
        if (linked > MAX_LINKED) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    "the links of the image lead its paths through more than the limit of " + MAX_LINKED
                            + " directories");
        }
    }

    /** Puts the components of a path before those that are pending, and counts them. */
    private static int push(String path, Deque<String> pending) {
        String[] names = path.split("/");
        for (int i = names.length - 1; i >= 0; i--) {
            if (!names[i].isEmpty() && !names[i].equals(".")) {
                pending.push(names[i]);
            }
        }
        return names.length;
    }
}
