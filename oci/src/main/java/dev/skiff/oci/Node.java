package dev.skiff.oci;

import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a name in an image's file system stands for. A node that is no directory can have several names: hard links. */
sealed interface Node {
    /**
     * What is kept of a file or directory besides its contents.
     *
     * @param permissions nine bits
     * @param modified when it was changed
     */
    record Attributes(int permissions, FileTime modified) {
        /** Those of a directory that no layer describes. */
        static final Attributes UNSAID = new Attributes(0755, FileTime.fromMillis(0));
    }

    /** A symbolic link, with its text. */
    record Link(String target) implements Node {}

    /** A file. */
    final class File implements Node {
        private final Attributes attributes;
        private final long size;
        private Path content;

        File(Attributes attributes, long size, Path content) {
            this.attributes = attributes;
            this.size = size;
            this.content = content;
        }

        Attributes attributes() {
            return attributes;
        }

        long size() {
            return size;
        }

        /** Where its bytes are on this machine. */
        Path content() {
            return content;
        }

        void moved(Path to) {
            content = to;
        }
    }

    /** A directory, which stays where it was made. */
    final class Directory implements Node {
        private final Optional<Directory> parent;
        private final String name;
        private final int depth;
        private final int pathBytes;
        private final Map<String, Node> children = new TreeMap<>();
        private Attributes attributes = Attributes.UNSAID;

        private Directory(Optional<Directory> parent, String name, int depth, int pathBytes) {
            this.parent = parent;
            this.name = name;
            this.depth = depth;
            this.pathBytes = pathBytes;
        }

        static Directory root() {
            return new Directory(Optional.empty(), "", 0, 0);
        }

        /** A new directory for a name in this one, which does not have it yet. */
        Directory prepare(String child) {
            return new Directory(Optional.of(this), child, depth + 1, pathBytesOf(child));
        }

        /** The one it lies in; the root lies in itself. */
        Directory parent() {
            return parent.orElse(this);
        }

        /** How many directories it lies in. */
        int depth() {
            return depth;
        }

        /** The path from the root of something in it: names with slashes between. */
        String pathOf(String child) {
            StringBuilder path = new StringBuilder(child);
            for (Directory at = this; at.depth > 0; at = at.parent()) {
                path.insert(0, '/').insert(0, at.name);
            }
            return path.toString();
        }

        /** The length of that path in UTF-8. */
        int pathBytesOf(String child) {
            return (depth == 0 ? 0 : pathBytes + 1) + ImagePath.bytes(child);
        }

        Attributes attributes() {
            return attributes;
        }

        void describe(Attributes now) {
            attributes = now;
        }

        Optional<Node> child(String child) {
            return Optional.ofNullable(children.get(child));
        }

        /** What is in it, in the order of names. */
        Map<String, Node> children() {
            return Collections.unmodifiableMap(children);
        }

        void put(String child, Node node) {
            children.put(child, node);
        }

        void remove(String child) {
            children.remove(child);
        }

        void clear() {
            children.clear();
        }
    }
}
