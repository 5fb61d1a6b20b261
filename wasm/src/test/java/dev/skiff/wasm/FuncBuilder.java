package dev.skiff.wasm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A function of a {@link ModuleBuilder}: its index is known at once, its body is written at any time before the build. */
public final class FuncBuilder extends Code {
    private final ModuleBuilder module;
    private final int index;
    private final int typeIndex;
    private final List<ValType> locals = new ArrayList<>();
    private final Map<String, Integer> marks = new HashMap<>();
    private final int params;
    private Optional<String> name = Optional.empty();

    FuncBuilder(ModuleBuilder module, int index, FuncType type) {
        super(module);
        this.module = module;
        this.index = index;
        typeIndex = module.type(type);
        params = type.params().size();
    }

    /** Index in the module, imports counted. */
    public int index() {
        return index;
    }

    /** Exports the function. */
    public FuncBuilder export(String exportName) {
        module.export(exportName, 0, index);
        return this;
    }

    /** Gives the function a name in the name section. */
    public FuncBuilder named(String functionName) {
        name = Optional.of(functionName);
        return this;
    }

    /** Declares a local; returns its index. */
    public int local(String type) {
        return local(Signature.type(type));
    }

    /** Declares a local; returns its index. */
    public int local(ValType type) {
        locals.add(type);
        return params + locals.size() - 1;
    }

    /** Remembers the place of the next instruction, for {@link ModuleBuilder#offsetOf}. */
    public FuncBuilder mark(String label) {
        marks.put(label, bytes.size());
        return this;
    }

    int typeIndex() {
        return typeIndex;
    }

    Optional<String> name() {
        return name;
    }

    /** Writes the function's entry of the code section; adds its marks as offsets within {@code out}. */
    void writeTo(Bytes out, Map<String, Integer> offsets) {
        Bytes declarations = new Bytes();
        int runs = 0;
        for (int from = 0; from < locals.size(); runs++) {
            int to = from;
            while (to < locals.size() && locals.get(to).equals(locals.get(from))) {
                to++;
            }
            declarations.u32(to - from).type(locals.get(from));
            from = to;
        }
        Bytes head = new Bytes().u32(runs).append(declarations);
        out.u32(head.size() + bytes.size() + 1L).append(head);
        marks.forEach((label, position) -> offsets.put(label, out.size() + position));
        out.append(bytes).u8(0x0B);
    }
}
