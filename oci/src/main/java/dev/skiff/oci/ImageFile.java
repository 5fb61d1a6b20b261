package dev.skiff.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;

/** A file of an image. Its contents can be read until the {@link ImageTree} is closed, and after that if it was materialized. */
public final class ImageFile {
    private final String path;
    private final Node.File node;

    ImageFile(String path, Node.File node) {
        this.path = path;
        this.node = node;
    }

    /** Its absolute path in the image, without links on the way. */
    public String path() {
        return path;
    }

    /** Its size in bytes. */
    public long size() {
        return node.size();
    }

    /** Who may read, write and execute it: nine bits. */
    public int permissions() {
        return node.attributes().permissions();
    }

    /**
     * A stream of its bytes; whoever asked closes it.
     *
     * @throws OciException STORAGE if it cannot be opened
     */
    public InputStream open() {
        try {
            return Files.newInputStream(node.content());
        } catch (IOException e) {
            throw DiskFailure.of("read", node.content(), e);
        }
    }

    @Override
    public String toString() {
        return ImagePath.shown(path);
    }
}
