package dev.skiff.oci;

import dev.skiff.oci.Node.Attributes;

/** What a layer says about one path, see {@link ImagePath#clean} (OCI image specification, section "Change Types"). */
sealed interface LayerEntry {
    /** The path that it is about. */
    String path();

    /** There is a directory. */
    record Directory(String path, Attributes attributes) implements LayerEntry {}

    /** There is something else: a file or a link. */
    record Leaf(String path, Node node) implements LayerEntry {}

    /** It is the same file as that of another path. */
    record HardLink(String path, String target) implements LayerEntry {}

    /** What lower layers have there is removed. */
    record Whiteout(String path) implements LayerEntry {}

    /** What lower layers have in that directory is removed. */
    record Opaque(String path) implements LayerEntry {}
}
