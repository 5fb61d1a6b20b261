package dev.skiff.oci;

import dev.skiff.oci.Document.Index;
import dev.skiff.oci.Document.Manifest;
import dev.skiff.oci.OciException.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The manifest that an image has for this machine, where its content is here already: in a layout, or in the content store of another
 * program.
 *
 * @param descriptor names it
 * @param manifest what it says
 */
public record ChosenManifest(Descriptor descriptor, Manifest manifest) {
    /** Where content is. */
    public interface Source {
        /** Whether it has something. */
        boolean has(Descriptor descriptor);

        /**
         * Reads a manifest or index, verified.
         *
         * @param what what it is, for messages
         * @throws OciException if it is not there, damaged or larger than {@link Document#MAX_BYTES}
         */
        byte[] read(Descriptor descriptor, String what);
    }

    /**
     * Follows an image's name through indexes. What an index lists that is not here does not count, unless nothing of it is.
     *
     * @param root what the name leads to
     * @param image what people call it
     * @throws OciException if there is nothing for this machine, or it cannot be read
     */
    public static ChosenManifest of(Descriptor root, Source source, String image) {
        Descriptor chosen = root;
        Document document = document(root, source, image);
        for (int nested = 0; document instanceof Index index; nested++) {
            if (nested == Document.MAX_NESTED_INDEXES) {
                throw new OciException(Problem.INVALID, image + " has indexes in indexes without an end");
            }
            List<Descriptor> here =
                    index.manifests().stream().filter(source::has).toList();
            chosen = Platforms.choose(
                    new Index(index.mediaType(), here.isEmpty() ? index.manifests() : here, Map.of()),
                    Optional.empty(),
                    image);
            document = document(chosen, source, image);
        }
        return new ChosenManifest(chosen, (Manifest) document);
    }

    private static Document document(Descriptor descriptor, Source source, String image) {
        String what = "the manifest " + descriptor.digest() + " of " + image;
        return Document.parse(source.read(descriptor, what), Optional.of(descriptor.mediaType()), what);
    }
}
