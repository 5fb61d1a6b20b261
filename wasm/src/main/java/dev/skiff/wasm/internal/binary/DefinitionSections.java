package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.ExternType;
import dev.skiff.wasm.Feature;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.GlobalType;
import dev.skiff.wasm.ImportType;
import dev.skiff.wasm.MemoryType;
import dev.skiff.wasm.TableType;
import dev.skiff.wasm.TagType;
import dev.skiff.wasm.ValType;
import dev.skiff.wasm.internal.binary.ModuleData.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Decodes the sections that fill the index spaces: types, imports, functions, tables, memories, tags, globals. */
final class DefinitionSections extends SectionDecoder {
    DefinitionSections(Definitions module, Reader in, Site site) {
        super(module, in, site);
    }

    /** The type section (section 5.5.4). */
    int types() {
        int count = count("types", 0, Caps.DEFINITIONS);
        // The key is text and not the type itself because a map defends itself against colliding texts of a hostile
        // module.
        Map<String, Integer> known = new HashMap<>();
        for (int i = 0; i < count; i++) {
            requireFunctionType();
            int[] parameters = types.result("parameters");
            int[] results = types.result("results");
            if (results.length > 1) {
                module.features.add(Feature.MULTI_VALUE);
            }
            Integer same = known.putIfAbsent(key(parameters, results), i);
            module.types.add(same == null ? new FuncType(list(parameters), list(results)) : module.types.get(same));
            module.typeParameters.add(same == null ? parameters : module.typeParameters.get(same));
            module.typeResults.add(same == null ? results : module.typeResults.get(same));
        }
        return count;
    }

    private void requireFunctionType() {
        int at = in.position();
        int form = in.u8();
        switch (form) {
            case 0x60 -> {}
            case 0x4E, 0x4F, 0x50, 0x5E, 0x5F ->
                throw site.unsupported(at, Feature.GC, "type definition 0x" + Integer.toHexString(form));
            case 0x5D -> throw site.unsupported(at, Feature.STACK_SWITCHING, "type definition 0x5d");
            default ->
                throw malformed(
                        at,
                        "malformed definition type: a function type starts with 0x60, and here is 0x"
                                + Integer.toHexString(form));
        }
    }

    private static String key(int[] parameters, int[] results) {
        char[] key = new char[parameters.length + 1 + results.length];
        for (int i = 0; i < parameters.length; i++) {
            key[i] = (char) parameters[i];
        }
        for (int i = 0; i < results.length; i++) {
            key[parameters.length + 1 + i] = (char) results[i];
        }
        return new String(key);
    }

    private static List<ValType> list(int[] codes) {
        List<ValType> list = new ArrayList<>(codes.length);
        for (int code : codes) {
            list.add(TypeCode.type(code));
        }
        return list;
    }

    /** The import section (section 5.5.5). */
    int imports() {
        int count = count("imports", 0, Caps.DEFINITIONS);
        for (int i = 0; i < count; i++) {
            String from = in.name();
            String name = in.name();
            ExternType type = importedThing();
            module.crossesBoundary(type);
            module.imports.add(new ImportType(from, name, type));
        }
        module.importedFunctions = module.functionTypes.size();
        module.importedTables = module.tables.size();
        module.importedMemories = module.memories.size();
        module.importedGlobals = module.globals.size();
        module.importedTags = module.tags.size();
        return count;
    }

    private ExternType importedThing() {
        int at = in.position();
        int kind = in.u8();
        switch (kind) {
            case 0 -> {
                int index = typeIndex();
                module.functionTypes.add(index);
                return module.types.get(index);
            }
            case 1 -> {
                int element = types.reference();
                TableType type = tableType(element);
                requireRoom(at, "tables", module.tables.size(), Caps.TABLES);
                module.addTable(type, element, Optional.empty());
                return type;
            }
            case 2 -> {
                MemoryType type = new MemoryType(types.memoryLimits());
                requireRoom(at, "memories", module.memories.size(), Caps.MEMORIES);
                module.addMemory(type);
                return type;
            }
            case 3 -> {
                int value = types.value();
                GlobalType type = new GlobalType(TypeCode.type(value), types.mutability());
                module.addGlobal(type, value, Optional.empty());
                return type;
            }
            case 4 -> {
                int index = tagType();
                TagType type = new TagType(module.types.get(index));
                module.addTag(type, index);
                return type;
            }
            default -> throw malformed(at, "malformed import kind 0x" + Integer.toHexString(kind));
        }
    }

    private void requireRoom(int at, String things, int present, int cap) {
        if (present >= cap) {
            throw invalid(at, "a module may have " + cap + " " + things + " in this engine");
        }
    }

    /** The function section (section 5.5.6). */
    int functions() {
        int count = count("functions", module.functionTypes.size(), Caps.DEFINITIONS);
        for (int i = 0; i < count; i++) {
            module.functionTypes.add(typeIndex());
        }
        return count;
    }

    /** The table section (section 5.5.7). */
    int tables() {
        int count = count("tables", module.tables.size(), Caps.TABLES);
        for (int i = 0; i < count; i++) {
            boolean hasInit = in.peek() == 0x40;
            if (hasInit) {
                requireReservedByte();
            }
            int element = types.reference();
            TableType type = tableType(element);
            Optional<Range> init = Optional.empty();
            if (hasInit) {
                module.features.add(Feature.REFERENCE_TYPES);
                init = Optional.of(constants.range(element, "the elements of a table"));
            }
            module.addTable(type, element, init);
        }
        return count;
    }

    private void requireReservedByte() {
        in.u8();
        int at = in.position();
        int reserved = in.u8();
        if (reserved != 0) {
            throw malformed(
                    at,
                    "a table with an initialiser starts with 0x40 0x00, and here is 0x40 0x"
                            + Integer.toHexString(reserved));
        }
    }

    /** The memory section (section 5.5.8). */
    int memories() {
        int count = count("memories", module.memories.size(), Caps.MEMORIES);
        for (int i = 0; i < count; i++) {
            module.addMemory(new MemoryType(types.memoryLimits()));
        }
        return count;
    }

    /** The tag section (section 5.5.16). */
    int tags() {
        int count = count("tags", module.tags.size(), Caps.DEFINITIONS);
        for (int i = 0; i < count; i++) {
            int index = tagType();
            module.addTag(new TagType(module.types.get(index)), index);
        }
        return count;
    }

    /** The global section (section 5.5.9). */
    int globals() {
        int count = count("globals", module.globals.size(), Caps.DEFINITIONS);
        for (int i = 0; i < count; i++) {
            int value = types.value();
            GlobalType type = new GlobalType(TypeCode.type(value), types.mutability());
            Range init = constants.range(value, "the value of a global");
            module.addGlobal(type, value, Optional.of(init));
        }
        return count;
    }
}
