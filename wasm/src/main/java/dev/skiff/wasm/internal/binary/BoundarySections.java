package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.ExternType;
import dev.skiff.wasm.Feature;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.internal.binary.ModuleData.Element;
import dev.skiff.wasm.internal.binary.ModuleData.Export;
import dev.skiff.wasm.internal.binary.ModuleData.Mode;
import dev.skiff.wasm.internal.binary.ModuleData.Range;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Decodes the sections that use the index spaces: exports, start, element and data segments, data count. */
final class BoundarySections extends SectionDecoder {
    private static final int[] NO_FUNCTIONS = {};

    final List<Export> exports = new ArrayList<>();
    final List<Element> elements = new ArrayList<>();
    DataSegments data = new DataSegments(0);
    OptionalInt start = OptionalInt.empty();

    BoundarySections(Definitions module, Reader in, Site site) {
        super(module, in, site);
    }

    /** The export section (section 5.5.10). */
    int exports() {
        int count = count("exports", 0, Caps.DEFINITIONS);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int at = in.position();
            String name = in.name();
            int kindAt = in.position();
            int kind = in.u8();
            if (kind > 4) {
                throw malformed(kindAt, "malformed export kind 0x" + Integer.toHexString(kind));
            }
            int index = in.u32();
            ExternType type = exported(kind, index, kindAt);
            if (!names.add(name)) {
                throw invalid(at, "duplicate export name \"" + Site.printable(name) + "\"");
            }
            module.crossesBoundary(type);
            exports.add(new Export(name, type, index));
        }
        return count;
    }

    private ExternType exported(int kind, int index, int at) {
        switch (kind) {
            case 0 -> {
                requireFunction(index, at);
                module.referableFunctions.set(index);
                return module.functionType(index);
            }
            case 1 -> {
                requireTable(index, at);
                return module.tables.get(index).type();
            }
            case 2 -> {
                requireMemory(index, at);
                return module.memories.get(index);
            }
            case 3 -> {
                if (!module.globalTypes.has(index)) {
                    throw unknown(at, "global", index, module.globals.size());
                }
                return module.globals.get(index).type();
            }
            default -> {
                if (!module.tagTypes.has(index)) {
                    throw unknown(at, "tag", index, module.tags.size());
                }
                return module.tags.get(index);
            }
        }
    }

    /** The start section (section 5.5.11). */
    void start() {
        int at = in.position();
        int function = in.u32();
        requireFunction(function, at);
        FuncType type = module.functionType(function);
        if (!type.params().isEmpty() || !type.results().isEmpty()) {
            throw invalid(at, "start function must take and return nothing, and function " + function + " is " + type);
        }
        start = OptionalInt.of(function);
    }

    /** The element section (section 5.5.12). */
    int elements() {
        int count = count("element segments", 0, Caps.ELEMENT_SEGMENTS);
        for (int i = 0; i < count; i++) {
            elements.add(element());
        }
        return count;
    }

    private Element element() {
        int at = in.position();
        int flags = in.u32();
        if ((flags & ~7) != 0) {
            throw malformed(at, "malformed element segment kind " + Integer.toUnsignedString(flags));
        }
        boolean passiveOrDeclarative = (flags & 1) != 0;
        boolean explicit = (flags & 2) != 0;
        boolean expressions = (flags & 4) != 0;
        Mode mode = !passiveOrDeclarative ? Mode.ACTIVE : explicit ? Mode.DECLARATIVE : Mode.PASSIVE;
        if (flags != 0) {
            module.features.add(mode == Mode.PASSIVE ? Feature.BULK_MEMORY : Feature.REFERENCE_TYPES);
        }
        int table = 0;
        Optional<Range> offset = Optional.empty();
        if (mode == Mode.ACTIVE) {
            table = explicit ? in.u32() : 0;
            requireTable(table, at);
            offset = Optional.of(constants.range(TypeCode.I32, "the offset of an element segment"));
        }
        int type = TypeCode.FUNCREF;
        if (passiveOrDeclarative || explicit) {
            if (expressions) {
                type = types.reference();
            } else {
                requireElementKind();
            }
        }
        if (mode == Mode.ACTIVE && !TypeCode.matches(type, module.tableTypes.get(table))) {
            throw invalid(
                    at,
                    "type mismatch: table " + table + " holds "
                            + module.tables.get(table).type().element() + ", and the element segment "
                            + TypeCode.text(type));
        }
        module.elementTypes.add(type);
        int[] functions = expressions ? NO_FUNCTIONS : functionIndices();
        List<Range> values = expressions ? expressions(type) : List.of();
        return new Element(mode, TypeCode.refType(type), table, offset, functions, values);
    }

    private void requireElementKind() {
        int at = in.position();
        int kind = in.u8();
        if (kind != 0) {
            throw malformed(at, "malformed element kind: it must be 0, and here is 0x" + Integer.toHexString(kind));
        }
    }

    private int[] functionIndices() {
        int[] functions = new int[count("elements in a segment", 0, Caps.ELEMENTS)];
        for (int i = 0; i < functions.length; i++) {
            int at = in.position();
            int function = in.u32();
            requireFunction(function, at);
            module.referableFunctions.set(function);
            functions[i] = function;
        }
        return functions;
    }

    private List<Range> expressions(int type) {
        int count = count("elements in a segment", 0, Caps.ELEMENTS);
        List<Range> expressions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            expressions.add(constants.range(type, "an element of a segment"));
        }
        return expressions;
    }

    /** The data count section (section 5.5.15). */
    void dataCount() {
        module.dataCount = Integer.toUnsignedLong(in.u32());
        module.features.add(Feature.BULK_MEMORY);
    }

    /** The data section (section 5.5.14). */
    int data() {
        int at = in.position();
        int count = count("data segments", 0, Caps.DATA_SEGMENTS);
        if (module.dataCount != -1 && module.dataCount != count) {
            throw malformed(
                    at, "data count and data section have inconsistent lengths: " + module.dataCount + " and " + count);
        }
        data = new DataSegments(count);
        for (int i = 0; i < count; i++) {
            segment(i);
        }
        return count;
    }

    private void segment(int index) {
        int at = in.position();
        int flags = in.u32();
        if (Integer.compareUnsigned(flags, 2) > 0) {
            throw malformed(at, "malformed data segment kind " + Integer.toUnsignedString(flags));
        }
        int memory = -1;
        int offsetStart = in.position();
        if (flags == 1) {
            module.features.add(Feature.BULK_MEMORY);
        } else {
            memory = flags == 2 ? in.u32() : 0;
            requireMemory(memory, at);
            offsetStart = in.position();
            constants.validate(TypeCode.I32, "the offset of a data segment");
        }
        int offsetEnd = in.position();
        int length = in.u32();
        int start = in.position();
        in.skip(length);
        data.place(index, memory, offsetStart, offsetEnd, start, in.position());
    }

    private void requireFunction(int index, int at) {
        if (!module.functionTypes.has(index)) {
            throw unknown(at, "function", index, module.functionTypes.size());
        }
    }

    private void requireTable(int index, int at) {
        if (!module.tableTypes.has(index)) {
            throw unknown(at, "table", index, module.tables.size());
        }
    }

    private void requireMemory(int index, int at) {
        if (!module.hasMemory(index)) {
            throw unknown(at, "memory", index, module.memories.size());
        }
    }
}
