package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.ModuleSource;
import dev.skiff.oci.Descriptor;
import dev.skiff.oci.ImageConfig;
import dev.skiff.oci.OciException;

/**
 * An image that is a module, and has no files to find it in.
 *
 * @param name what containerd calls it
 * @param module the module's digest and size
 * @param config how it wants to be run; says nothing for most
 * @param content where the module is
 */
record WasmImage(String name, Descriptor module, ImageConfig config, ContentStore content) {
    /**
     * Reads the module and compares it with its digest.
     *
     * @throws RpcException if it is not there any more, damaged, larger than {@link ModuleSource#MAX_BYTES} or than there is memory
     */
    byte[] read() {
        try {
            return content.read(module, ModuleSource.MAX_BYTES, "the module of " + name);
        } catch (OciException e) {
            throw ImageStore.failure(e);
        } catch (OutOfMemoryError e) {
            throw new RpcException(
                    Code.RESOURCE_EXHAUSTED,
                    "the module of " + name + " does not fit into the memory of the Java runtime",
                    e);
        }
    }
}
