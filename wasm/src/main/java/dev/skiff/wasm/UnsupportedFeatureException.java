package dev.skiff.wasm;

/** The module needs a feature of WebAssembly that this engine does not have. */
public final class UnsupportedFeatureException extends ModuleException {
    private static final long serialVersionUID = 1L;

    private final Feature feature;

    /**
     * Creates the error.
     *
     * @param feature what the module needs
     * @param detail what in the module needs it, such as an instruction's name
     * @param offset where, in bytes from the start of the binary
     */
    public UnsupportedFeatureException(Feature feature, String detail, long offset) {
        super(
                "the module needs " + feature + " (" + detail + " at offset 0x" + Long.toHexString(offset)
                        + "), which this engine does not support",
                offset);
        this.feature = feature;
    }

    /** What the module needs. */
    public Feature feature() {
        return feature;
    }
}
