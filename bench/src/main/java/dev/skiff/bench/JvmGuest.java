package dev.skiff.bench;

/** An instance, as far as the driver's commands need it. */
interface JvmGuest {
    /** Calls an export that takes 32-bit integers; returns its integer result, or 0 if it has none. */
    long call(String name, int... args);

    /** Calls an export that takes one 32-bit integer and returns a double. */
    double callDouble(String name, int arg);

    /** Writes to the memory exported as {@code memory}. */
    void write(int offset, byte[] bytes);
}
