package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Writes an image's file system to a directory. First come all directories, then the files, and symbolic links only when nothing is
 * made any more, so that nothing is made through one; permissions are last, since they may forbid it all. For one use.
 */
final class Materializer {
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    /** Times from 1970 to 2446 are on every file system. */
    private static final FileTime EARLIEST = FileTime.fromMillis(0);

    private static final FileTime LATEST = FileTime.from(15_000_000_000L, TimeUnit.SECONDS);

    private final Path building;
    private final Path target;
    /** Where in the new directory a file is that may get more names. */
    private final Map<Node.File, Path> placed = new IdentityHashMap<>();

    private Materializer(Path building, Path target) {
        this.building = building;
        this.target = target;
    }

    /**
     * Writes a tree.
     *
     * @param target an absolute path that does not exist
     * @throws OciException STORAGE
     */
    static void write(Node.Directory root, Path target) {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new OciException(Problem.STORAGE, "cannot unpack an image to " + target + ": it exists already");
        }
        Path building = make(target);
        try {
            Materializer materializer = new Materializer(building, target);
            materializer.makeDirectories(root, building);
            materializer.placeFiles(root, building);
            materializer.makeLinks(root, building);
            materializer.describe(root, building);
            materializer.publish();
        } catch (OciException e) {
            deleteAfter(building, e);
            throw e;
        }
    }

    private static Path make(Path target) {
        Path parent = target.getParent();
        if (parent == null) {
            throw new OciException(Problem.STORAGE, "cannot unpack an image to " + target + ": it is a root directory");
        }
        try {
            return Files.createTempDirectory(parent, ImageTree.TEMPORARY_PREFIX);
        } catch (IOException e) {
            throw DiskFailure.of("make a directory in", parent, e);
        }
    }

    private static void deleteAfter(Path building, OciException failure) {
        try {
            DirectoryDeletion.delete(building);
        } catch (OciException e) {
            failure.addSuppressed(e);
        }
    }

    private void makeDirectories(Node.Directory directory, Path path) {
        directory.children().forEach((name, node) -> {
            if (node instanceof Node.Directory child) {
                Path childPath = place(path, name);
                attempt("make", childPath, () -> Files.createDirectory(childPath, OWNER_ONLY));
                makeDirectories(child, childPath);
            }
        });
    }

    private void placeFiles(Node.Directory directory, Path path) {
        directory.children().forEach((name, node) -> {
            Path childPath = place(path, name);
            if (node instanceof Node.Directory child) {
                placeFiles(child, childPath);
            } else if (node instanceof Node.File file) {
                placeFile(file, childPath);
            }
        });
    }

    private void placeFile(Node.File file, Path path) {
        Path first = placed.putIfAbsent(file, path);
        if (first == null) {
            attempt("write", path, () -> Files.move(file.content(), path));
            file.moved(target.resolve(building.relativize(path)));
        } else {
            attempt("make another name of a file,", path, () -> Files.createLink(path, first));
        }
    }

    private void makeLinks(Node.Directory directory, Path path) {
        directory.children().forEach((name, node) -> {
            Path childPath = place(path, name);
            if (node instanceof Node.Directory child) {
                makeLinks(child, childPath);
            } else if (node instanceof Node.Link link) {
                Path text = encoded(path, within(path, link.target()));
                attempt("make the link", childPath, () -> Files.createSymbolicLink(childPath, text));
            }
        });
    }

    /** An absolute link means the image's root, and so is written as a relative one: from outside it would lead out of the image. */
    private String within(Path directory, String text) {
        if (!text.startsWith("/")) {
            return text;
        }
        String up = "../".repeat(directory.getNameCount() - building.getNameCount());
        String down = text.replaceFirst("^/+", "");
        return up.isEmpty() && down.isEmpty() ? "." : up + down;
    }

    private void describe(Node.Directory directory, Path path) {
        directory.children().forEach((name, node) -> {
            Path childPath = place(path, name);
            switch (node) {
                case Node.Directory child -> describe(child, childPath);
                case Node.File file -> describe(file.attributes(), childPath);
                case Node.Link link -> {}
            }
        });
        describe(directory.attributes(), path);
    }

    private static void describe(Node.Attributes attributes, Path path) {
        attempt("set the permissions and time of", path, () -> {
            Files.setLastModifiedTime(path, sensible(attributes.modified()));
            Files.setPosixFilePermissions(path, permissions(attributes.permissions()));
        });
    }

    private static FileTime sensible(FileTime time) {
        if (time.compareTo(EARLIEST) < 0) {
            return EARLIEST;
        }
        return time.compareTo(LATEST) > 0 ? LATEST : time;
    }

    private static Set<PosixFilePermission> permissions(int bits) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            // The enumeration has the order of the bits: the owner's right to read is the highest.
            if ((bits & 0400 >> permission.ordinal()) != 0) {
                permissions.add(permission);
            }
        }
        return permissions;
    }

    private void publish() {
        attempt(
                "rename an unpacked image to",
                target,
                () -> Files.move(building, target, StandardCopyOption.ATOMIC_MOVE));
    }

    /** The path of a name, which is one component and neither {@code .} nor {@code ..}. */
    private static Path place(Path directory, String name) {
        return directory.resolve(encoded(directory, name));
    }

    private static Path encoded(Path directory, String text) {
        try {
            return directory.getFileSystem().getPath(text);
        } catch (InvalidPathException e) {
            throw DiskFailure.unencodable(directory, text, e);
        }
    }

    private static void attempt(String doing, Path path, Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw DiskFailure.of(doing, path, e);
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }
}
