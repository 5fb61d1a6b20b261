package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.ExternType;
import dev.skiff.wasm.Feature;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.GlobalType;
import dev.skiff.wasm.ImportType;
import dev.skiff.wasm.MemoryType;
import dev.skiff.wasm.TableType;
import dev.skiff.wasm.TagType;
import dev.skiff.wasm.internal.binary.ModuleData.GlobalDef;
import dev.skiff.wasm.internal.binary.ModuleData.Range;
import dev.skiff.wasm.internal.binary.ModuleData.TableDef;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The index spaces of a module (WebAssembly specification, section 2.5.1) while it is decoded: the context that
 * instructions are validated in (section 3.1.1). Written by the section decoders, then only read, by any thread.
 */
final class Definitions {
    final byte[] binary;
    final FeatureSet features = new FeatureSet();

    final List<FuncType> types = new ArrayList<>();
    /** Parameters of each type; equal types share the array. Likewise the results. */
    final List<int[]> typeParameters = new ArrayList<>();

    final List<int[]> typeResults = new ArrayList<>();

    final List<ImportType> imports = new ArrayList<>();

    /** The index of each function's type. */
    final IntList functionTypes = new IntList();

    final List<TableDef> tables = new ArrayList<>();
    /** Element types of the tables. */
    final IntList tableTypes = new IntList();

    final List<MemoryType> memories = new ArrayList<>();

    final List<TagType> tags = new ArrayList<>();
    /** The index of each tag's type. */
    final IntList tagTypes = new IntList();

    final List<GlobalDef> globals = new ArrayList<>();
    /** Types of the globals' values. */
    final IntList globalTypes = new IntList();

    /** Types of the element segments. */
    final IntList elementTypes = new IntList();

    /** Functions that code may make references to, because they are named outside of code (section 3.4.14, refs). */
    final BitSet referableFunctions = new BitSet();

    int importedFunctions;
    int importedTables;
    int importedMemories;
    int importedGlobals;
    int importedTags;

    /** What the data count section says, or -1 without one. */
    long dataCount = -1;

    Definitions(byte[] binary) {
        this.binary = binary;
    }

    boolean hasType(int index) {
        return index >= 0 && index < types.size();
    }

    boolean hasMemory(int index) {
        return index >= 0 && index < memories.size();
    }

    boolean globalIsMutable(int index) {
        return globals.get(index).type().mutable();
    }

    FuncType functionType(int function) {
        return types.get(functionTypes.get(function));
    }

    void addTable(TableType type, int elementCode, Optional<Range> init) {
        tables.add(new TableDef(type, init));
        tableTypes.add(elementCode);
        if (tables.size() > 1) {
            features.add(Feature.REFERENCE_TYPES);
        }
    }

    void addMemory(MemoryType type) {
        memories.add(type);
        if (memories.size() > 1) {
            features.add(Feature.MULTI_MEMORY);
        }
    }

    void addGlobal(GlobalType type, int valueCode, Optional<Range> init) {
        globals.add(new GlobalDef(type, init));
        globalTypes.add(valueCode);
    }

    void addTag(TagType type, int typeIndex) {
        tags.add(type);
        tagTypes.add(typeIndex);
        features.add(Feature.EXCEPTIONS);
    }

    /** Notes what importing or exporting the thing needs. */
    void crossesBoundary(ExternType type) {
        if (type instanceof GlobalType global && global.mutable()) {
            features.add(Feature.MUTABLE_GLOBALS);
        }
    }
}
