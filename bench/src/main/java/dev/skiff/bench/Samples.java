package dev.skiff.bench;

import java.util.Arrays;
import java.util.Collection;

/** Figures of one kind, in order of size. */
record Samples(double[] sorted) {
    static Samples of(Collection<? extends Number> values) {
        double[] sorted =
                values.stream().mapToDouble(Number::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("no samples");
        }
        return new Samples(sorted);
    }

    int count() {
        return sorted.length;
    }

    double best() {
        return sorted[0];
    }

    double worst() {
        return sorted[sorted.length - 1];
    }

    double median() {
        return quantile(0.5);
    }

    /** The smallest sample that at least the given share of all samples does not exceed. */
    double quantile(double share) {
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
    }

    static double geometricMean(Collection<Double> values) {
        return Math.exp(values.stream().mapToDouble(Math::log).average().orElseThrow());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Samples that && Arrays.equals(sorted, that.sorted);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sorted);
    }

    @Override
    public String toString() {
        return Arrays.toString(sorted);
    }
}
