package dev.skiff.oci;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The file system of a container image: its layers one upon the other (OCI image specification, "Image Layer Filesystem Changeset").
 * Directories, files, symbolic and hard links with their permissions and times are kept; owners, extended attributes and the bits
 * setuid, setgid and sticky are not, and devices and pipes are left out. The tree is in memory, about half a kilobyte for each entry,
 * and the contents of files are on disk. For one thread.
 */
public final class ImageTree implements AutoCloseable {
    /** With this begin the names of directories that are left behind if the process is killed; they can be deleted. */
    public static final String TEMPORARY_PREFIX = ".unpack-";

    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Node.Directory root;
    private final Staging staging;
    private final List<SkippedEntry> skipped;
    private boolean materialized;

    private ImageTree(Node.Directory root, Staging staging, List<SkippedEntry> skipped) {
        this.root = root;
        this.staging = staging;
        this.skipped = List.copyOf(skipped);
    }

    /**
     * Reads the layers of an image, the lowest first.
     *
     * @param staging where a directory for the contents of files is made; best on the disk on which the image is materialized
     * @throws OciException INVALID, CORRUPT, TOO_LARGE or UNSUPPORTED for what is wrong with a layer, STORAGE if the disk fails
     */
    public static ImageTree read(List<ImageLayer> layers, Path staging, UnpackLimits limits) {
        Staging contents = Staging.in(staging);
        try {
            Node.Directory root = Node.Directory.root();
            Allowance allowance = new Allowance(limits);
            LayerApplier applier = new LayerApplier(root, allowance);
            List<SkippedEntry> skipped = new ArrayList<>();
            for (ImageLayer layer : layers) {
                applier.apply(LayerReader.read(layer, contents, allowance, skipped), layer.name());
            }
            return new ImageTree(root, contents, skipped);
        } catch (OciException e) {
            closeAfter(contents, e);
            throw e;
        }
    }

    private static void closeAfter(Staging contents, OciException failure) {
        try {
            contents.close();
        } catch (OciException e) {
            failure.addSuppressed(e);
        }
    }

    /** What the layers have and the tree has not, in their order. */
    public List<SkippedEntry> skipped() {
        return skipped;
    }

    /**
     * The file that a path leads to, links followed within the image. Empty if there is nothing, something that is no file, or a
     * circle of links.
     *
     * @param path from the root, whether or not it begins with a slash
     */
    public Optional<ImageFile> find(String path) {
        return find(root, path);
    }

    private Optional<ImageFile> find(Node.Directory from, String path) {
        return new TreeWalk(root).walk(from, path) instanceof TreeWalk.End.File(var file, var in, var name)
                ? Optional.of(new ImageFile("/" + in.pathOf(name), file))
                : Optional.empty();
    }

    /**
     * The file that a container's command means, by the rule of container runtimes: a command with a slash is a path from the
     * working directory, any other is looked for in the directories of {@code PATH}. Images of one file are often less exact, so the
     * root directory comes last. The file need not be executable: modules seldom are.
     *
     * @param command the first word of the entry point or command
     * @param path what {@code PATH} is in the image's environment; empty for the directories that runtimes look into without it
     * @param workingDirectory that of the image's configuration
     */
    public Optional<ImageFile> resolveExecutable(String command, Optional<String> path, String workingDirectory) {
        if (command.isEmpty()) {
            return Optional.empty();
        }
        List<String> candidates = new ArrayList<>();
        if (command.contains("/")) {
            candidates.add(command);
        } else {
            for (String directory : path.orElse(DEFAULT_PATH).split(":")) {
                candidates.add(directory.isEmpty() ? command : directory + "/" + command);
            }
        }
        candidates.add("/" + command);
        TreeWalk walk = new TreeWalk(root);
        Node.Directory from =
                walk.walk(workingDirectory) instanceof TreeWalk.End.Directory(var directory) ? directory : root;
        return candidates.stream()
                .map(candidate -> find(from, candidate))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /**
     * Writes the tree to a new directory. It is made beside its place and renamed when it is complete, so that it is there in whole or
     * not at all, unless the machine itself loses power. The contents of files move: this can be done once.
     *
     * <p>Absolute symbolic links become relative ones, so that they lead to the same within the directory. Others are written as they are;
     * whoever opens files there must not let the kernel follow them out of it.
     *
     * @param target what does not exist yet, in a directory that does
     * @throws OciException STORAGE if it cannot be written
     * @throws IllegalStateException if it was done before
     */
    public void materialize(Path target) {
        if (materialized) {
            throw new IllegalStateException("the image's file system was written to a directory before");
        }
        materialized = true;
        Materializer.write(root, target.toAbsolutePath());
    }

    /**
     * Deletes what is in the staging directory.
     *
     * @throws OciException STORAGE if something stays there
     */
    @Override
    public void close() {
        staging.close();
    }
}
