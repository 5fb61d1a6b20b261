package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.Feature;

/**
 * Validates the instructions on memories and tables, and the others behind the prefix 0xFC (WebAssembly specification,
 * sections 3.3.10 to 3.3.12). A part of {@link FunctionValidator}.
 */
final class StorageValidator {
    private static final int I32 = TypeCode.I32;
    private static final int MEMORY_INDEX_FOLLOWS = 0x40;

    private final Definitions module;
    private final Reader in;
    private final ValidationStack stack;
    private final FeatureSet features;
    private final Site site;

    StorageValidator(Definitions module, Reader in, ValidationStack stack, FeatureSet features, Site site) {
        this.module = module;
        this.in = in;
        this.stack = stack;
        this.features = features;
        this.site = site;
    }

    /** The immediates of a load or store (section 5.4.6, memarg): alignment, memory, offset. */
    void access(int naturalAlignment) {
        int at = in.position();
        int flags = in.u32();
        int memory = 0;
        if (Integer.compareUnsigned(flags, naturalAlignment) > 0) {
            if (Integer.compareUnsigned(flags, 2 * MEMORY_INDEX_FOLLOWS) >= 0) {
                throw site.malformed(at, "malformed memop flags " + Integer.toUnsignedString(flags));
            }
            memory = (flags & MEMORY_INDEX_FOLLOWS) == 0 ? 0 : in.u32();
            int alignment = flags & ~MEMORY_INDEX_FOLLOWS;
            if (alignment > naturalAlignment) {
                throw stack.invalid("alignment must not be larger than natural: 2 to the power of " + alignment
                        + " bytes is more than the " + (1 << naturalAlignment) + " bytes that are accessed");
            }
        }
        long offset = in.u64();
        requireMemory(memory);
        if (offset >>> 32 != 0) {
            throw stack.invalid("offset out of range: " + Long.toUnsignedString(offset) + " is outside of any memory");
        }
    }

    /** The index of a table, checked. */
    int tableIndex() {
        int table = in.u32();
        if (!module.tableTypes.has(table)) {
            throw stack.unknown("table", table, module.tableTypes.size());
        }
        return table;
    }

    private void memoryIndex() {
        requireMemory(in.u32());
    }

    private void requireMemory(int index) {
        if (!module.hasMemory(index)) {
            throw stack.unknown("memory", index, module.memories.size());
        }
    }

    /** Validates an instruction, whose opcode was read; throws the error for one that there is none of. */
    void instruction(int op, int at) {
        switch (op) {
            case Op.MEMORY_SIZE -> {
                memoryIndex();
                stack.push(I32);
            }
            case Op.MEMORY_GROW -> {
                memoryIndex();
                stack.pop(I32);
                stack.push(I32);
            }
            case Op.TABLE_GET -> tableGet();
            case Op.TABLE_SET -> tableSet();
            case Op.I32_TRUNC_SAT_F32_S, Op.I32_TRUNC_SAT_F32_U -> convert(TypeCode.F32, I32);
            case Op.I32_TRUNC_SAT_F64_S, Op.I32_TRUNC_SAT_F64_U -> convert(TypeCode.F64, I32);
            case Op.I64_TRUNC_SAT_F32_S, Op.I64_TRUNC_SAT_F32_U -> convert(TypeCode.F32, TypeCode.I64);
            case Op.I64_TRUNC_SAT_F64_S, Op.I64_TRUNC_SAT_F64_U -> convert(TypeCode.F64, TypeCode.I64);
            case Op.MEMORY_INIT -> {
                dataIndex(at);
                memoryIndex();
                popThreeInts();
            }
            case Op.DATA_DROP -> dataIndex(at);
            case Op.MEMORY_COPY -> {
                features.add(Feature.BULK_MEMORY);
                memoryIndex();
                memoryIndex();
                popThreeInts();
            }
            case Op.MEMORY_FILL -> {
                features.add(Feature.BULK_MEMORY);
                memoryIndex();
                popThreeInts();
            }
            case Op.TABLE_INIT -> tableInit();
            case Op.ELEM_DROP -> elementType();
            case Op.TABLE_COPY -> tableCopy();
            case Op.TABLE_GROW -> {
                int type = referenceTable();
                stack.pop(I32);
                stack.pop(type);
                stack.push(I32);
            }
            case Op.TABLE_SIZE -> {
                referenceTable();
                stack.push(I32);
            }
            case Op.TABLE_FILL -> {
                int type = referenceTable();
                stack.pop(I32);
                stack.pop(type);
                stack.pop(I32);
            }
            default -> throw Instructions.unknown(op, at, site);
        }
    }

    private void convert(int from, int to) {
        features.add(Feature.SATURATING_CONVERSION);
        stack.pop(from);
        stack.push(to);
    }

    private void popThreeInts() {
        stack.pop(I32);
        stack.pop(I32);
        stack.pop(I32);
    }

    private void dataIndex(int at) {
        features.add(Feature.BULK_MEMORY);
        int index = in.u32();
        if (module.dataCount < 0) {
            throw site.malformed(at, "data count section required for memory.init and data.drop");
        }
        if (Integer.toUnsignedLong(index) >= module.dataCount) {
            throw stack.unknown("data segment", index, (int) module.dataCount);
        }
    }

    private int elementType() {
        features.add(Feature.BULK_MEMORY);
        int index = in.u32();
        if (!module.elementTypes.has(index)) {
            throw stack.unknown("elem segment", index, module.elementTypes.size());
        }
        return module.elementTypes.get(index);
    }

    private int referenceTable() {
        features.add(Feature.REFERENCE_TYPES);
        return module.tableTypes.get(tableIndex());
    }

    private void tableGet() {
        int type = referenceTable();
        stack.pop(I32);
        stack.push(type);
    }

    private void tableSet() {
        int type = referenceTable();
        stack.pop(type);
        stack.pop(I32);
    }

    private void tableInit() {
        int from = elementType();
        requireSameReferences(from, module.tableTypes.get(tableIndex()));
        popThreeInts();
    }

    private void tableCopy() {
        features.add(Feature.BULK_MEMORY);
        int to = module.tableTypes.get(tableIndex());
        requireSameReferences(module.tableTypes.get(tableIndex()), to);
        popThreeInts();
    }

    private void requireSameReferences(int from, int to) {
        if (!TypeCode.matches(from, to)) {
            throw stack.invalid("type mismatch: " + TypeCode.text(from) + " elements do not fit into a table of "
                    + TypeCode.text(to));
        }
    }
}
