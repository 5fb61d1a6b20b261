package dev.skiff.oci;

/** Hears how transfers go on. Called by several threads at once; must not fail or wait. */
public interface TransferListener {
    /** Hears nothing. */
    TransferListener NONE = new TransferListener() {};

    /** Content begins to be transferred, or is found not to need it. */
    default void started(Descriptor descriptor, State state) {}

    /** So many more bytes of it are there; negative where some have to be transferred again. */
    default void advanced(Descriptor descriptor, long bytes) {}

    /** All of it is there. */
    default void finished(Descriptor descriptor) {}

    /** Something that people may want to know, such as that a request is tried again: a sentence without a full stop. */
    default void note(String text) {}

    /** How content gets where it should be. */
    enum State {
        TRANSFERRED,
        /** It was there. */
        PRESENT,
        /** The registry has it in another repository. */
        MOUNTED
    }
}
