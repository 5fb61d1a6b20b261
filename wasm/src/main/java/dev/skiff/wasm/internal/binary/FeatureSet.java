package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.Feature;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Features found so far, as bits. Not an {@link java.util.EnumSet}, whose first one in a process starts the JDK's
 * method handles and so takes longer than decoding a module. Used by one thread.
 */
final class FeatureSet {
    private long bits;

    void add(Feature feature) {
        bits |= 1L << feature.ordinal();
    }

    void addAll(FeatureSet others) {
        bits |= others.bits;
    }

    /** The features as an immutable set, in the order of the enum. */
    Set<Feature> toSet() {
        Set<Feature> set = new LinkedHashSet<>();
        for (Feature feature : Feature.values()) {
            if ((bits >>> feature.ordinal() & 1) != 0) {
                set.add(feature);
            }
        }
        return Collections.unmodifiableSet(set);
    }
}
