package dev.skiff.wasm;

import java.util.OptionalInt;

/**
 * A clause of {@code try_table}.
 *
 * @param tag what it catches; everything if absent
 * @param ref whether the branch carries the exception itself
 * @param label where it branches to
 */
public record Catch(OptionalInt tag, boolean ref, int label) {
    public static Catch tag(int tag, int label) {
        return new Catch(OptionalInt.of(tag), false, label);
    }

    public static Catch tagRef(int tag, int label) {
        return new Catch(OptionalInt.of(tag), true, label);
    }

    public static Catch all(int label) {
        return new Catch(OptionalInt.empty(), false, label);
    }

    public static Catch allRef(int label) {
        return new Catch(OptionalInt.empty(), true, label);
    }

    void writeTo(Bytes bytes) {
        bytes.u8((tag.isPresent() ? 0 : 2) + (ref ? 1 : 0));
        tag.ifPresent(bytes::u32);
        bytes.u32(label);
    }
}
