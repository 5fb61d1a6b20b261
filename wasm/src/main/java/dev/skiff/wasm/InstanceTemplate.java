package dev.skiff.wasm;

import dev.skiff.wasm.internal.runtime.Control;
import java.util.List;

/** A module with its imports resolved. Immutable and thread-safe. */
public final class InstanceTemplate {
    private final Module module;
    private final List<Extern> imports;

    InstanceTemplate(Module module, List<Extern> imports) {
        this.module = module;
        this.imports = imports;
    }

    /** The module. */
    public Module module() {
        return module;
    }

    /**
     * Makes an instance: memories and tables with their first contents, globals, then the start function runs.
     *
     * @param store where it lives
     * @throws Trap if an active segment does not fit or the start function traps
     * @throws LimitException if the store's limits do not allow it
     * @throws LinkException if an import belongs to another store, or the module to an engine of another memory kind
     */
    public Instance instantiate(Store store) {
        if (module.engine().memoryKind() != store.engine().memoryKind()) {
            throw new LinkException("the module was compiled for memories "
                    + module.engine().memoryKind() + ", but the store's engine has them "
                    + store.engine().memoryKind());
        }
        for (int i = 0; i < imports.size(); i++) {
            if (!belongs(imports.get(i), store.control())) {
                throw new LinkException("the import " + module.imports().get(i) + " belongs to another store");
            }
        }
        int before = store.control().enter();
        try {
            return Instantiation.instantiate(store, module, imports);
        } finally {
            store.control().exit(before);
        }
    }

    private static boolean belongs(Extern extern, Control control) {
        // No switch over types: docs/decisions/0007.
        if (extern instanceof Func func) {
            return func.reference().owner == null || func.reference().owner.control == control;
        }
        if (extern instanceof Memory memory) {
            return memory.memory().control() == control;
        }
        if (extern instanceof Table table) {
            return table.table().control() == control;
        }
        return extern instanceof Tag || ((Global) extern).control() == control;
    }
}
