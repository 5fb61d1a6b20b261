package dev.skiff.wasm;

import dev.skiff.wasm.internal.binary.ModuleData;
import dev.skiff.wasm.internal.runtime.GlobalCell;
import dev.skiff.wasm.internal.runtime.GuestInstance;
import java.util.Optional;
import java.util.stream.Collectors;

/** A module that lives in a store. Belongs to the store: one thread at a time. */
public final class Instance implements AutoCloseable {
    private final Module module;
    private final Store store;
    private final GuestInstance guest;
    private Memory memory;

    Instance(Module module, Store store, GuestInstance guest) {
        this.module = module;
        this.store = store;
        this.guest = guest;
    }

    /** The module. */
    public Module module() {
        return module;
    }

    /** The store. */
    public Store store() {
        return store;
    }

    /** The export of a name. */
    public Optional<Extern> export(String name) {
        for (ModuleData.Export export : module.data().exports()) {
            if (export.name().equals(name)) {
                return Optional.of(extern(export));
            }
        }
        return Optional.empty();
    }

    private Extern extern(ModuleData.Export export) {
        int index = export.index();
        ExternType type = export.type();
        // No switch over types: docs/decisions/0007.
        if (type instanceof FuncType) {
            return new Func(guest.function(index), guest);
        }
        if (type instanceof MemoryType) {
            return new Memory(guest.memories[index]);
        }
        if (type instanceof TableType) {
            return new Table(guest.tables[index]);
        }
        return type instanceof GlobalType global ? new Global(global, cell(index), guest.control) : guest.tags[index];
    }

    private GlobalCell cell(int global) {
        GlobalCell cell = guest.cells[global];
        if (cell == null) {
            // Only globals that never change are not cells, so a copy is as good.
            cell = new GlobalCell();
            if (module.isReferenceGlobal(global)) {
                cell.reference = guest.globalReference(global);
            } else {
                cell.bits = guest.globalBits(global);
            }
        }
        return cell;
    }

    /** The exported function of a name. */
    public Optional<Func> func(String name) {
        return export(name).filter(Func.class::isInstance).map(Func.class::cast);
    }

    /** The exported memory of a name. */
    public Optional<Memory> memory(String name) {
        return export(name).filter(Memory.class::isInstance).map(Memory.class::cast);
    }

    /** The exported table of a name. */
    public Optional<Table> table(String name) {
        return export(name).filter(Table.class::isInstance).map(Table.class::cast);
    }

    /** The exported global of a name. */
    public Optional<Global> global(String name) {
        return export(name).filter(Global.class::isInstance).map(Global.class::cast);
    }

    /**
     * The memory exported as {@code memory}, which host functions read and write; cached, for the hot path.
     *
     * @throws LinkException if the module exports no memory of that name
     */
    public Memory memory() {
        Memory found = memory;
        if (found == null) {
            found = memory("memory").orElseThrow(() -> new LinkException(missing("memory", "memory")));
            memory = found;
        }
        return found;
    }

    /**
     * Calls an exported function.
     *
     * @throws LinkException if there is no such function; names those that exist
     * @see Func#call
     */
    public Object[] call(String name, Object... args) {
        return func(name)
                .orElseThrow(() -> new LinkException(missing("func", name)))
                .call(args);
    }

    private String missing(String kind, String name) {
        String existing = module.exports().stream()
                .filter(e -> e.type().kind().equals(kind))
                .map(ExportType::name)
                .limit(20)
                .collect(Collectors.joining(", "));
        String what = kind.equals("func") ? "function" : kind;
        return "the module exports no " + what + " named \"" + name + "\"; "
                + (existing.isEmpty() ? "it exports none" : "it exports " + existing);
    }

    /**
     * Puts the instance back into the state it had when it was made, in microseconds: memories, globals, tables and
     * segments as after instantiation (the start function runs again). Only for an instance that neither imports nor
     * shares memories, tables or globals with others; what the guest held through host functions is not touched.
     *
     * @throws IllegalStateException if the module imports a memory, table or mutable global, or the instance is closed,
     *     or guests of the store are running
     */
    public void reset() {
        if (guest.closed) {
            throw new IllegalStateException("the instance is closed");
        }
        store.whileIdle(() -> Instantiation.reset(store, module, guest));
    }

    /**
     * Gives its memories back to the system before the store is closed. Idempotent. A closed instance cannot run.
     *
     * @throws IllegalStateException if guests of the store are running
     */
    @Override
    public void close() {
        if (!guest.closed && !store.isClosed()) {
            store.whileIdle(this::release);
        }
    }

    void release() {
        guest.closed = true;
        Instantiation.release(guest, module.data());
    }

    GuestInstance guest() {
        return guest;
    }
}
