package dev.skiff.oci;

/**
 * Something in a layer that is left out of the image's file system, because a WebAssembly program has no use for it.
 *
 * @param layer the layer's name
 * @param path as the layer says it
 * @param what what it is, such as "a device"
 */
public record SkippedEntry(String layer, String path, String what) {
    @Override
    public String toString() {
        return ImagePath.shown(path) + " of " + layer + " is " + what + ", and left out";
    }
}
