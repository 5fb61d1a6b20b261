package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.ModuleException;
import dev.skiff.wasm.SizeRange;
import java.util.OptionalLong;

/** Reads types (WebAssembly specification, section 5.3) as {@link TypeCode}s. Used by one thread. */
final class TypeReader {
    private final Reader in;
    private final Site site;
    private final FeatureSet features;

    /**
     * Reads with another reader.
     *
     * @param features gets what the types need
     */
    TypeReader(Reader in, Site site, FeatureSet features) {
        this.in = in;
        this.site = site;
        this.features = features;
    }

    /** A value type (section 5.3.5). */
    int value() {
        int at = in.position();
        int b = in.u8();
        return switch (b) {
            case 0x7F -> TypeCode.I32;
            case 0x7E -> TypeCode.I64;
            case 0x7D -> TypeCode.F32;
            case 0x7C -> TypeCode.F64;
            case 0x7B -> throw site.unsupported(at, Feature.SIMD, "type v128");
            default -> reference(b, at, "value type");
        };
    }

    /** A reference type (section 5.3.4). */
    int reference() {
        int at = in.position();
        return reference(in.u8(), at, "reference type");
    }

    private int reference(int b, int at, String expected) {
        return switch (b) {
            case 0x63 -> heap() | TypeCode.NULLABLE;
            case 0x64 -> {
                heap();
                throw site.unsupported(at, Feature.TYPED_FUNCTION_REFERENCES, "a reference type without null");
            }
            default -> abstractHeap(b, at, expected) | TypeCode.NULLABLE;
        };
    }

    /** A heap type (section 5.3.3), as the code of the reference without null to it. */
    int heap() {
        int at = in.position();
        long number = in.s33();
        if (number >= 0) {
            throw site.unsupported(at, Feature.TYPED_FUNCTION_REFERENCES, "a reference to type " + number);
        }
        if (number < -64 || in.position() != at + 1) {
            throw site.malformed(at, "malformed heap type: there is none with the number " + number);
        }
        return abstractHeap((int) number & 0x7F, at, "heap type");
    }

    private int abstractHeap(int b, int at, String expected) {
        return switch (b) {
            case 0x70 -> TypeCode.NON_NULL_FUNC;
            case 0x6F -> {
                features.add(Feature.REFERENCE_TYPES);
                yield TypeCode.EXTERNREF & ~TypeCode.NULLABLE;
            }
            case 0x69 -> {
                features.add(Feature.EXCEPTIONS);
                yield TypeCode.NON_NULL_EXN;
            }
            case 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x71, 0x72, 0x73, 0x74 ->
                throw site.unsupported(at, Feature.GC, "heap type 0x" + Integer.toHexString(b));
            case 0x68, 0x75 ->
                throw site.unsupported(at, Feature.STACK_SWITCHING, "heap type 0x" + Integer.toHexString(b));
            default ->
                throw site.malformed(
                        at, "malformed " + expected + ": there is none with the byte 0x" + Integer.toHexString(b));
        };
    }

    /** The types of parameters or results (section 5.3.6). */
    int[] result(String what) {
        int at = in.position();
        int count = in.u32();
        if (Integer.compareUnsigned(count, in.remaining()) > 0) {
            throw site.malformed(
                    at,
                    "unexpected end: " + Integer.toUnsignedString(count) + " " + what + " are declared, but only "
                            + in.remaining() + " bytes are left");
        }
        if (count > Caps.PARAMETERS) {
            throw site.invalid(
                    at,
                    "a function type may have " + Caps.PARAMETERS + " " + what + " in this engine, and this one has "
                            + count);
        }
        int[] codes = new int[count];
        for (int i = 0; i < count; i++) {
            codes[i] = value();
        }
        return codes;
    }

    /** The limits of a memory (sections 5.3.14 and 3.2.12), in pages. */
    SizeRange memoryLimits() {
        int at = in.position();
        int flags = in.u8();
        if ((flags & ~0x0F) != 0) {
            throw unknownFlags(at, flags);
        }
        if ((flags & 8) != 0) {
            throw site.unsupported(at, Feature.CUSTOM_PAGE_SIZES, "a memory type");
        }
        if ((flags & 2) != 0) {
            throw site.unsupported(at, Feature.THREADS, "a shared memory type");
        }
        if ((flags & 4) != 0) {
            throw site.unsupported(at, Feature.MEMORY64, "a memory type");
        }
        return limits((flags & 1) != 0, 65_536, "memory size must be at most 65536 pages (4GiB)");
    }

    /** The limits of a table (sections 5.3.15 and 3.2.13), in elements. */
    SizeRange tableLimits() {
        int at = in.position();
        int flags = in.u8();
        if ((flags & ~0x07) != 0) {
            throw unknownFlags(at, flags);
        }
        if ((flags & 2) != 0) {
            throw site.unsupported(at, Feature.THREADS, "a shared table type");
        }
        if ((flags & 4) != 0) {
            throw site.unsupported(at, Feature.MEMORY64, "a table type");
        }
        return limits((flags & 1) != 0, 0xFFFF_FFFFL, "table size must be at most 4294967295 elements");
    }

    private ModuleException unknownFlags(int at, int flags) {
        return site.malformed(at, "malformed limits flags 0x" + Integer.toHexString(flags));
    }

    private SizeRange limits(boolean hasMax, long cap, String capRule) {
        int at = in.position();
        long min = in.u64();
        long max = hasMax ? in.u64() : cap;
        if (Long.compareUnsigned(min, cap) > 0 || Long.compareUnsigned(max, cap) > 0) {
            throw site.invalid(at, capRule);
        }
        if (min > max) {
            throw site.invalid(at, "size minimum must not be greater than maximum, and it is " + min + " to " + max);
        }
        return new SizeRange(min, hasMax ? OptionalLong.of(max) : OptionalLong.empty());
    }

    /** Whether a mutable thing follows (section 5.3.13). */
    boolean mutability() {
        int at = in.position();
        int b = in.u8();
        if (b > 1) {
            throw site.malformed(
                    at, "malformed mutability: it must be 0 or 1, and here is 0x" + Integer.toHexString(b));
        }
        return b == 1;
    }
}
