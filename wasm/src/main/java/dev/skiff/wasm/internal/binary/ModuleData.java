package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.ExternType;
import dev.skiff.wasm.Feature;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.GlobalType;
import dev.skiff.wasm.ImportType;
import dev.skiff.wasm.MemoryType;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.RefType;
import dev.skiff.wasm.TableType;
import dev.skiff.wasm.TagType;
import dev.skiff.wasm.ValType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A decoded and validated module. Index spaces ({@code functions}, {@code tables} ...) hold the imported entries first.
 *
 * @param binary the bytes; code and constant expressions are ranges of it
 * @param types the type section; functions with equal types share the same object
 * @param imports the import section
 * @param functions types of all functions, imported ones first
 * @param importedFunctions how many of them are imported; likewise for the other counts
 * @param exports the export section
 * @param start index of the start function
 * @param code bodies of the functions that the module defines; entry i belongs to function importedFunctions + i
 * @param hasDataCount whether there is a data count section
 * @param names what the name section says
 */
public record ModuleData(
        byte[] binary,
        List<FuncType> types,
        List<ImportType> imports,
        List<FuncType> functions,
        int importedFunctions,
        List<TableDef> tables,
        int importedTables,
        List<MemoryType> memories,
        int importedMemories,
        List<GlobalDef> globals,
        int importedGlobals,
        List<TagType> tags,
        int importedTags,
        List<Export> exports,
        OptionalInt start,
        List<Code> code,
        List<Element> elements,
        List<Data> data,
        boolean hasDataCount,
        Names names,
        List<Module.Section> sections,
        Set<Feature> features) {

    /** A range of the binary. An expression's range includes its final {@code end}. */
    public record Range(int start, int end) {
        /** Length in bytes. */
        public int length() {
            return end - start;
        }
    }

    /** A table: its type and, for one that is defined with an initialiser, the constant expression of its elements. */
    public record TableDef(TableType type, Optional<Range> init) {}

    /** A global: its type and, unless it is imported, the constant expression of its value. */
    public record GlobalDef(GlobalType type, Optional<Range> init) {}

    /** An export: what kind of thing, and its index in that kind's index space. */
    public record Export(String name, ExternType type, int index) {}

    /**
     * A function body.
     *
     * @param locals types of the declared locals in runs (parameters are not among them); at most 50,000 in all
     * @param body the instructions, after the declaration of the locals, to the final {@code end}
     */
    public record Code(List<LocalRun> locals, Range body) {}

    /** {@code count} locals of one type. */
    public record LocalRun(int count, ValType type) {}

    /** How a segment is used. */
    public enum Mode {
        ACTIVE,
        PASSIVE,
        DECLARATIVE
    }

    /**
     * An element segment: either function indices or constant expressions.
     *
     * @param table index of the table, if active
     * @param offset constant expression of the offset, if active
     * @param functions indices of functions; empty array if {@code expressions} is used
     * @param expressions constant expressions; empty if {@code functions} is used
     */
    public record Element(
            Mode mode, RefType type, int table, Optional<Range> offset, int[] functions, List<Range> expressions) {
        /** Number of elements. */
        public int size() {
            return functions.length + expressions.size();
        }
    }

    /** A data segment; table-like fields as in {@link Element}. */
    public record Data(Mode mode, int memory, Optional<Range> offset, Range bytes) {}

    /** The name section (specification, appendix A.4.3): only names that are well-formed; a broken section is ignored. */
    public record Names(Optional<String> module, Map<Integer, String> functions) {}
}
