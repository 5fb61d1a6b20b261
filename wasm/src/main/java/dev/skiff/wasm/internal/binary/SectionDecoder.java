package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.InvalidModuleException;
import dev.skiff.wasm.MalformedModuleException;
import dev.skiff.wasm.SizeRange;
import dev.skiff.wasm.TableType;

/** What the decoders of the sections share: the bytes, the place for errors, what is defined so far. */
abstract class SectionDecoder {
    final Definitions module;
    final Reader in;
    final Site site;
    final TypeReader types;
    final ConstantValidator constants;

    SectionDecoder(Definitions module, Reader in, Site site) {
        this.module = module;
        this.in = in;
        this.site = site;
        this.types = new TypeReader(in, site, module.features);
        this.constants = new ConstantValidator(module, in, site, types);
    }

    /**
     * The number of entries of a list, checked against a cap and against the bytes that are left, so that memory may be
     * set aside for it.
     *
     * @param things what is counted, for messages
     * @param present how many of them there are already
     * @param cap how many there may be
     */
    int count(String things, int present, int cap) {
        int at = in.position();
        int count = in.u32();
        if (Integer.compareUnsigned(count, in.remaining()) > 0) {
            throw malformed(
                    at,
                    "unexpected end: " + Integer.toUnsignedString(count) + " " + things + " are declared, but only "
                            + in.remaining() + " bytes are left");
        }
        if (count > cap - present) {
            throw invalid(
                    at,
                    "a module may have " + cap + " " + things + " in this engine, and this one has "
                            + ((long) present + count));
        }
        return count;
    }

    /** The index of a type, checked. */
    int typeIndex() {
        int at = in.position();
        int index = in.u32();
        if (!module.hasType(index)) {
            throw unknown(at, "type", index, module.types.size());
        }
        return index;
    }

    /** A table type (specification, section 5.3.15); {@code elementCode} was read already. */
    TableType tableType(int elementCode) {
        SizeRange size = types.tableLimits();
        return new TableType(TypeCode.refType(elementCode), size);
    }

    /** A tag's type (section 5.3.17): its index, checked (section 3.2.16). */
    int tagType() {
        int at = in.position();
        int attribute = in.u8();
        if (attribute != 0) {
            throw malformed(
                    at, "malformed tag attribute: it must be 0, and here is 0x" + Integer.toHexString(attribute));
        }
        int index = typeIndex();
        if (module.typeResults.get(index).length != 0) {
            throw invalid(at, "non-empty tag result type: type " + index + " is " + module.types.get(index));
        }
        module.features.add(Feature.EXCEPTIONS);
        return index;
    }

    InvalidModuleException unknown(int at, String thing, int index, int present) {
        return invalid(
                at,
                "unknown " + thing + " " + Integer.toUnsignedString(index) + "; "
                        + (present == 0 ? "there are none here" : "the last one here is " + (present - 1)));
    }

    MalformedModuleException malformed(int at, String rule) {
        return site.malformed(at, rule);
    }

    InvalidModuleException invalid(int at, String rule) {
        return site.invalid(at, rule);
    }
}
