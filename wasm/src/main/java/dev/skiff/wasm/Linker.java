package dev.skiff.wasm;

import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Names what modules may import. Not thread-safe while it is changed; the templates that it prepares are immutable and
 * may be shared.
 */
public final class Linker {
    private record Name(String module, String name) {
        // Written out, as those of a record are made when the program runs (docs/decisions/0007).
        @Override
        public boolean equals(Object other) {
            return other instanceof Name that && module.equals(that.module) && name.equals(that.name);
        }

        @Override
        public int hashCode() {
            return 31 * module.hashCode() + name.hashCode();
        }
    }

    private final Map<Name, Extern> offered = new LinkedHashMap<>();

    /** An empty linker. */
    public Linker() {}

    /**
     * Offers a function of the host.
     *
     * <p>The target takes the parameters as {@code int}, {@code long}, {@code float}, {@code double}, {@link Func}
     * (funcref) or {@code Object} (externref), with an optional leading {@link Instance} or trailing {@link Caller}, the
     * latter being the quickest to link; it returns {@code void}, the one result, or for several results an {@code
     * Object[]}. No boxing happens on the way. The function that a
     * module's first instance got is inlined into the guest's code; so offer the same linker's functions to all instances.
     *
     * @param module first part of the name
     * @param name second part of the name
     * @param type its type as the guest sees it
     * @param target what runs, on the guest's thread; what it throws passes through the guest to the guest's caller
     * @return this linker
     * @throws IllegalArgumentException if the target does not match the type or the name is taken
     */
    public Linker func(String module, String name, FuncType type, MethodHandle target) {
        try {
            return define(module, name, new Func(HostCode.adapt(type, target), null));
        } catch (IllegalArgumentException unfit) {
            throw new IllegalArgumentException(module + "." + name + ": " + unfit.getMessage(), unfit);
        }
    }

    /**
     * Offers a function of the host in the convenient, boxing form.
     *
     * @throws IllegalArgumentException if the name is taken
     */
    public Linker func(String module, String name, FuncType type, HostFunction target) {
        return define(module, name, new Func(HostCode.adapt(type, target), null));
    }

    /**
     * Offers a function, table, memory, global or tag; it belongs to a store and serves that store only.
     *
     * @throws IllegalArgumentException if the name is taken
     */
    public Linker define(String module, String name, Extern value) {
        if (offered.putIfAbsent(new Name(module, name), value) != null) {
            throw new IllegalArgumentException("the linker offers " + module + "." + name + " already");
        }
        return this;
    }

    /**
     * Offers all exports of an instance under a module name.
     *
     * @throws IllegalArgumentException if one of the names is taken
     */
    public Linker instance(String module, Instance instance) {
        for (ExportType export : instance.module().exports()) {
            define(module, export.name(), instance.export(export.name()).orElseThrow());
        }
        return this;
    }

    /** Whether something is offered under a name. */
    public boolean offers(String module, String name) {
        return offered.containsKey(new Name(module, name));
    }

    /**
     * Resolves the imports of a module once, so that instances can be made quickly.
     *
     * @throws LinkException if an import is missing or of another type; names every such import, and what exists
     */
    public InstanceTemplate prepare(Module module) {
        List<Extern> imports = new ArrayList<>(module.imports().size());
        List<String> problems = new ArrayList<>();
        for (ImportType wanted : module.imports()) {
            Extern found = offered.get(new Name(wanted.module(), wanted.name()));
            if (found == null) {
                problems.add("the import " + wanted + " is missing; " + whatExists(wanted.module()));
            } else if (!accepts(wanted.type(), found)) {
                problems.add("the import " + wanted + " is offered as "
                        + found.type().kind() + " of the incompatible type " + found.type());
            } else {
                imports.add(found);
            }
        }
        if (!problems.isEmpty()) {
            throw new LinkException(String.join("\n", problems));
        }
        return new InstanceTemplate(module, List.copyOf(imports));
    }

    private String whatExists(String module) {
        List<String> names = offered.keySet().stream()
                .filter(n -> n.module().equals(module))
                .map(Name::name)
                .limit(60)
                .toList();
        if (!names.isEmpty()) {
            return "\"" + module + "\" offers " + String.join(", ", names);
        }
        String modules = offered.keySet().stream()
                .map(n -> "\"" + n.module() + "\"")
                .distinct()
                .limit(20)
                .collect(Collectors.joining(", "));
        return modules.isEmpty() ? "nothing is offered" : "there is no module \"" + module + "\" but " + modules;
    }

    private static boolean accepts(ExternType wanted, Extern found) {
        // No switch over types: docs/decisions/0007.
        if (wanted instanceof MemoryType type && found instanceof Memory memory) {
            return type.size().accepts(memory.pages(), memory.type().size().max());
        }
        if (wanted instanceof TableType type && found instanceof Table table) {
            return table.type().element().equals(type.element())
                    && type.size().accepts(table.size(), table.type().size().max());
        }
        if (wanted instanceof GlobalType type && found instanceof Global global) {
            return acceptsGlobal(type, global.type());
        }
        return (wanted instanceof FuncType || wanted instanceof TagType)
                && found.type().equals(wanted);
    }

    private static boolean acceptsGlobal(GlobalType wanted, GlobalType found) {
        if (wanted.mutable() != found.mutable()) {
            return false;
        }
        return wanted.value().equals(found.value()) || !wanted.mutable() && isSubtype(found.value(), wanted.value());
    }

    private static boolean isSubtype(ValType narrow, ValType wide) {
        return narrow instanceof RefType n && wide instanceof RefType w && n.heap() == w.heap() && w.nullable();
    }

    /** Resolves the imports and makes one instance; see {@link InstanceTemplate#instantiate}. */
    public Instance instantiate(Store store, Module module) {
        return prepare(module).instantiate(store);
    }
}
