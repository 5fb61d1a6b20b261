package dev.skiff.wasm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Writes modules in the binary format for tests. It checks nothing, so that it can write invalid ones too; only imports
 * must come before what they share an index space with.
 *
 * <pre>{@code
 * ModuleBuilder module = new ModuleBuilder();
 * module.func("i32 i32 -> i32").export("add").get(0).get(1).op(Op.I32_ADD);
 * byte[] binary = module.build();
 * }</pre>
 */
public final class ModuleBuilder {
    private static final int KINDS = 5;

    private final Map<FuncType, Integer> types = new HashMap<>();
    private final Bytes typeEntries = new Bytes();
    private final List<FuncBuilder> functions = new ArrayList<>();
    private final int[] imported = new int[KINDS];
    private final Entries imports = new Entries();
    private final Entries tables = new Entries();
    private final Entries memories = new Entries();
    private final Entries tags = new Entries();
    private final Entries globals = new Entries();
    private final Entries exports = new Entries();
    private final Entries elements = new Entries();
    private final Entries data = new Entries();
    private final Map<String, Integer> offsets = new HashMap<>();
    private OptionalInt start = OptionalInt.empty();
    private Optional<String> name = Optional.empty();

    /** The contents of a section that is a list. */
    private static final class Entries {
        private final Bytes bytes = new Bytes();
        private int count;

        Bytes next() {
            count++;
            return bytes;
        }

        void writeTo(Bytes module, int id) {
            if (count > 0) {
                section(module, id, new Bytes().u32(count).append(bytes));
            }
        }
    }

    /** A size without a maximum. */
    public static SizeRange from(long min) {
        return new SizeRange(min, OptionalLong.empty());
    }

    /** A size with a maximum. */
    public static SizeRange range(long min, long max) {
        return new SizeRange(min, OptionalLong.of(max));
    }

    /** Gives the module a name in the name section. */
    public ModuleBuilder named(String moduleName) {
        name = Optional.of(moduleName);
        return this;
    }

    /** The index of a function type, added if it is new. */
    public int type(String text) {
        return type(Signature.of(text));
    }

    /** The index of a function type, added if it is new. */
    public int type(FuncType type) {
        return types.computeIfAbsent(type, added -> {
            typeEntries.u8(0x60).u32(added.params().size());
            added.params().forEach(typeEntries::type);
            typeEntries.u32(added.results().size());
            added.results().forEach(typeEntries::type);
            return types.size();
        });
    }

    public int importFunc(String module, String field, String type) {
        return importFunc(module, field, Signature.of(type));
    }

    public int importFunc(String module, String field, FuncType type) {
        int index = type(type);
        return importing(module, field, 0, bytes -> bytes.u32(index));
    }

    public int importTable(String module, String field, String type, SizeRange size) {
        return importing(
                module, field, 1, bytes -> bytes.type(Signature.type(type)).size(size));
    }

    public int importMemory(String module, String field, SizeRange size) {
        return importing(module, field, 2, bytes -> bytes.size(size));
    }

    public int importGlobal(String module, String field, String type, boolean mutable) {
        return importing(
                module, field, 3, bytes -> bytes.type(Signature.type(type)).u8(mutable ? 1 : 0));
    }

    public int importTag(String module, String field, String type) {
        int index = type(type);
        return importing(module, field, 4, bytes -> bytes.u8(0).u32(index));
    }

    private int importing(String module, String field, int kind, Consumer<Bytes> type) {
        Bytes entry = imports.next().name(module).name(field).u8(kind);
        type.accept(entry);
        return imported[kind]++;
    }

    /** Adds a function of a type such as {@code "i32 -> i32"}. */
    public FuncBuilder func(String type) {
        return func(Signature.of(type));
    }

    /** Adds a function. */
    public FuncBuilder func(FuncType type) {
        FuncBuilder function = new FuncBuilder(this, imported[0] + functions.size(), type);
        functions.add(function);
        return function;
    }

    /** Adds a table of null references. */
    public int table(String type, SizeRange size) {
        tables.next().type(Signature.type(type)).size(size);
        return imported[1] + tables.count - 1;
    }

    /** Adds a memory; sizes in pages. */
    public int memory(SizeRange size) {
        memories.next().size(size);
        return imported[2] + memories.count - 1;
    }

    /** Adds a global with an initial value. */
    public int global(String type, boolean mutable, Consumer<Code> init) {
        Bytes entry = globals.next().type(Signature.type(type)).u8(mutable ? 1 : 0);
        expression(entry, init);
        return imported[3] + globals.count - 1;
    }

    /** Adds a tag whose exceptions carry values of the types before the arrow. */
    public int tag(String type) {
        tags.next().u8(0).u32(type(type));
        return imported[4] + tags.count - 1;
    }

    /** Exports a thing of a kind: 0 function, 1 table, 2 memory, 3 global, 4 tag. */
    public ModuleBuilder export(String exportName, int kind, int index) {
        exports.next().name(exportName).u8(kind).u32(index);
        return this;
    }

    public ModuleBuilder exportTable(String exportName, int index) {
        return export(exportName, 1, index);
    }

    public ModuleBuilder exportMemory(String exportName, int index) {
        return export(exportName, 2, index);
    }

    public ModuleBuilder exportGlobal(String exportName, int index) {
        return export(exportName, 3, index);
    }

    public ModuleBuilder exportTag(String exportName, int index) {
        return export(exportName, 4, index);
    }

    /** Makes a function run when the module is instantiated. */
    public ModuleBuilder start(FuncBuilder function) {
        start = OptionalInt.of(function.index());
        return this;
    }

    /** Fills a table's elements from an offset on when the module is instantiated. */
    public ModuleBuilder elements(int table, int offset, FuncBuilder... members) {
        Bytes entry = elements.next().u8(2).u32(table);
        expression(entry, code -> code.i32(offset));
        entry.u8(0);
        indices(entry, members);
        return this;
    }

    /** Adds a passive element segment; returns its index. */
    public int passiveElements(FuncBuilder... members) {
        indices(elements.next().u8(1).u8(0), members);
        return elements.count - 1;
    }

    /** Allows {@code ref.func} of functions. */
    public ModuleBuilder declare(FuncBuilder... members) {
        indices(elements.next().u8(3).u8(0), members);
        return this;
    }

    /** Fills a memory from an offset on when the module is instantiated. */
    public ModuleBuilder data(int memory, int offset, byte... bytes) {
        Bytes entry = data.next().u8(2).u32(memory);
        expression(entry, code -> code.i32(offset));
        entry.u32(bytes.length).raw(bytes);
        return this;
    }

    /** Adds a passive data segment; returns its index. */
    public int passiveData(byte... bytes) {
        data.next().u8(1).u32(bytes.length).raw(bytes);
        return data.count - 1;
    }

    /** The module in the binary format. */
    public byte[] build() {
        Bytes module =
                new Bytes().raw((byte) 0, (byte) 'a', (byte) 's', (byte) 'm').littleEndian(1, 4);
        if (!types.isEmpty()) {
            section(module, 1, new Bytes().u32(types.size()).append(typeEntries));
        }
        imports.writeTo(module, 2);
        if (!functions.isEmpty()) {
            Bytes declarations = new Bytes().u32(functions.size());
            functions.forEach(function -> declarations.u32(function.typeIndex()));
            section(module, 3, declarations);
        }
        tables.writeTo(module, 4);
        memories.writeTo(module, 5);
        tags.writeTo(module, 13);
        globals.writeTo(module, 6);
        exports.writeTo(module, 7);
        start.ifPresent(index -> section(module, 8, new Bytes().u32(index)));
        elements.writeTo(module, 9);
        if (data.count > 0) {
            section(module, 12, new Bytes().u32(data.count));
        }
        if (!functions.isEmpty()) {
            writeCode(module);
        }
        data.writeTo(module, 11);
        writeNames(module);
        return module.toArray();
    }

    /**
     * Where a marked instruction is in the binary that was built last.
     *
     * @see FuncBuilder#mark
     */
    public int offsetOf(String label) {
        return offsets.get(label);
    }

    private void writeCode(Bytes module) {
        Bytes contents = new Bytes().u32(functions.size());
        functions.forEach(function -> function.writeTo(contents, offsets));
        section(module, 10, contents);
        int contentsStart = module.size() - contents.size();
        offsets.replaceAll((label, offset) -> offset + contentsStart);
    }

    private void writeNames(Bytes module) {
        List<FuncBuilder> named = functions.stream()
                .filter(function -> function.name().isPresent())
                .toList();
        if (name.isEmpty() && named.isEmpty()) {
            return;
        }
        Bytes contents = new Bytes().name("name");
        name.ifPresent(moduleName -> section(contents, 0, new Bytes().name(moduleName)));
        Bytes functionNames = new Bytes().u32(named.size());
        named.forEach(function ->
                functionNames.u32(function.index()).name(function.name().orElseThrow()));
        section(contents, 1, functionNames);
        section(module, 0, contents);
    }

    private void expression(Bytes entry, Consumer<Code> writer) {
        Code code = new Code(this);
        writer.accept(code);
        entry.append(code.bytes).u8(0x0B);
    }

    private static void indices(Bytes entry, FuncBuilder... members) {
        entry.u32(members.length);
        Arrays.stream(members).forEach(function -> entry.u32(function.index()));
    }

    private static void section(Bytes module, int id, Bytes contents) {
        module.u8(id).u32(contents.size()).append(contents);
    }
}
