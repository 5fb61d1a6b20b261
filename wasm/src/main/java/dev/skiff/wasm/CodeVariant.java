package dev.skiff.wasm;

/** Which of a module's translations a store needs, by its limits. */
enum CodeVariant {
    PLAIN,
    /** Counts fuel. */
    METERED,
    /** For a first memory that may have 2 GiB or more. */
    FAR,
    METERED_FAR;

    static CodeVariant of(boolean metered, boolean far) {
        if (metered) {
            return far ? METERED_FAR : METERED;
        }
        return far ? FAR : PLAIN;
    }

    boolean metered() {
        return this == METERED || this == METERED_FAR;
    }

    boolean far() {
        return this == FAR || this == METERED_FAR;
    }
}
