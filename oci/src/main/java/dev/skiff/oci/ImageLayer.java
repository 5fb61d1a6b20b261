package dev.skiff.oci;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * A layer of a container image, and where its bytes come from. That they are those of the layer's own digest is for the source to see
 * to.
 *
 * @param name what people call it, for messages, such as its digest
 * @param mediaType what the manifest says it is
 * @param diffId the digest of the layer unpacked, which the image's configuration knows; it is checked
 * @param source opens it
 */
public record ImageLayer(String name, String mediaType, Optional<Digest> diffId, Source source) {
    /** Opens the packed bytes of a layer. */
    @FunctionalInterface
    public interface Source {
        /** A stream from the first byte; whoever asked closes it. */
        InputStream open() throws IOException;
    }
}
