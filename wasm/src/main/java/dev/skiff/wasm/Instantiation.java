package dev.skiff.wasm;

import dev.skiff.wasm.internal.binary.ModuleData;
import dev.skiff.wasm.internal.runtime.Control;
import dev.skiff.wasm.internal.runtime.FuncRef;
import dev.skiff.wasm.internal.runtime.GlobalCell;
import dev.skiff.wasm.internal.runtime.GuestInstance;
import dev.skiff.wasm.internal.runtime.LinearMemory;
import dev.skiff.wasm.internal.runtime.MemoryImage;
import dev.skiff.wasm.internal.runtime.TableData;
import java.util.List;

/** Makes the state of an instance, at first and again when it is reset (specification, section 4.7.3). */
final class Instantiation {
    private final Store store;
    private final Control control;
    private final CompiledModule code;
    private final ModuleData data;
    private final GuestInstance instance;

    private Instantiation(Store store, CompiledModule code, GuestInstance instance) {
        this.store = store;
        this.control = store.control();
        this.code = code;
        this.data = code.data;
        this.instance = instance;
    }

    static Instance instantiate(Store store, Module module, List<Extern> imports) {
        CompiledModule code = module.code(store.limits());
        GuestInstance guest = code.newInstance();
        Instance instance = new Instance(module, store, guest);
        new Instantiation(store, code, guest).makeNew(instance, imports);
        return instance;
    }

    private void makeNew(Instance api, List<Extern> imports) {
        instance.module = code;
        ((Caller) instance).instance = api;
        instance.control = control;
        instance.transfer = store.transfer();
        instance.types = code.layout.typeSignatures();
        instance.imports = new FuncRef[data.importedFunctions()];
        instance.memories = new LinearMemory[data.memories().size()];
        instance.tables = new TableData[data.tables().size()];
        instance.tags = new Tag[data.tags().size()];
        instance.cells = new GlobalCell[data.globals().size()];
        control.add(instance);
        boolean made = false;
        try {
            link(imports);
            makeGlobals(imports);
            makeMemories();
            makeTables();
            made = true;
        } finally {
            if (!made) {
                release(instance, data);
            }
        }
        fill();
        start();
    }

    private void link(List<Extern> imports) {
        int functions = 0;
        int memories = 0;
        int tables = 0;
        int tags = 0;
        for (Extern extern : imports) {
            // No switch over types: docs/decisions/0007.
            if (extern instanceof Func func) {
                instance.imports[functions++] = func.reference();
            } else if (extern instanceof Memory memory) {
                instance.memories[memories++] = memory.memory();
            } else if (extern instanceof Table table) {
                instance.tables[tables++] = table.table();
            } else if (extern instanceof Tag tag) {
                instance.tags[tags++] = tag;
            }
        }
        for (; tags < instance.tags.length; tags++) {
            instance.tags[tags] = Tag.create(data.tags().get(tags));
        }
        code.loader.linked(instance.imports);
    }

    private void makeGlobals(List<Extern> imports) {
        int count = data.globals().size();
        if (count == 0) {
            return;
        }
        ConstantExpression.GlobalValues values =
                new ConstantExpression.GlobalValues(new long[count], new Object[count]);
        int at = 0;
        for (Extern extern : imports) {
            if (extern instanceof Global global) {
                values.bits()[at] = global.cell().bits;
                values.references()[at] = global.cell().reference;
                if (code.layout.isCell(at)) {
                    instance.cells[at] = global.cell();
                }
                at++;
            }
        }
        setGlobals(values, true);
    }

    private void setGlobals(ConstantExpression.GlobalValues values, boolean makeCells) {
        for (int i = data.importedGlobals(); i < data.globals().size(); i++) {
            ConstantExpression.evaluate(i, data.globals().get(i).init().orElseThrow(), instance, values);
            if (code.layout.isCell(i)) {
                if (makeCells) {
                    instance.cells[i] = new GlobalCell();
                }
                instance.cells[i].bits = values.bits()[i];
                instance.cells[i].reference = values.references()[i];
            }
        }
        instance.setGlobals(values.bits(), values.references());
    }

    private void makeMemories() {
        MemoryImage[] images = code.images().memories();
        for (int i = 0; i < images.length; i++) {
            int index = data.importedMemories() + i;
            instance.memories[index] = images[i].instantiate(data.memories().get(index), control);
        }
        if (instance.memories.length > 0) {
            instance.memory = instance.memories[0];
        }
    }

    private void makeTables() {
        Object[][] images = code.tableImages();
        for (int i = 0; i < images.length; i++) {
            int index = data.importedTables() + i;
            ModuleData.TableDef definition = data.tables().get(index);
            if (images[i] != null) {
                instance.tables[index] = new TableData(definition.type(), instance, control, images[i]);
            } else {
                Object initial = definition
                        .init()
                        .map(range -> ConstantExpression.reference(range, instance))
                        .orElse(null);
                instance.tables[index] = new TableData(definition.type(), instance, control, initial);
            }
        }
        if (instance.tables.length > 0) {
            instance.table = instance.tables[0];
        }
    }

    /** Applies the active segments that are not in images. */
    private void fill() {
        Object[][] tableImages = code.tableImages();
        for (ModuleData.Element segment : data.elements()) {
            if (segment.mode() != ModuleData.Mode.ACTIVE) {
                continue;
            }
            int defined = segment.table() - data.importedTables();
            if (defined < 0 || tableImages[defined] == null) {
                int offset = (int) ConstantExpression.number(segment.offset().orElseThrow(), instance);
                Object[] values = code.values(segment, instance);
                instance.tables[segment.table()].init(values, offset, 0, values.length, instance);
            }
        }
        boolean[] inImage = code.images().inImage();
        for (int i = 0; i < inImage.length; i++) {
            ModuleData.Data segment = data.data().get(i);
            if (segment.mode() == ModuleData.Mode.ACTIVE && !inImage[i]) {
                int offset = (int) ConstantExpression.number(segment.offset().orElseThrow(), instance);
                instance.memories[segment.memory()].write(
                        Integer.toUnsignedLong(offset),
                        data.binary(),
                        segment.bytes().start(),
                        segment.bytes().length());
            }
        }
    }

    private void start() {
        if (data.start().isPresent()) {
            Boundary.call(instance.function(data.start().getAsInt()), instance);
        }
    }

    /** Puts an instance back into its first state. */
    static void reset(Store store, Module module, GuestInstance instance) {
        CompiledModule code = module.code(store.limits());
        ModuleData data = code.data;
        if (data.importedMemories() + data.importedTables() > 0 || hasImportedMutableGlobal(data)) {
            throw new IllegalStateException(
                    "an instance that imports a memory, table or mutable global cannot be reset: they belong to others too");
        }
        new Instantiation(store, code, instance).makeAgain();
    }

    private static boolean hasImportedMutableGlobal(ModuleData data) {
        return data.globals().subList(0, data.importedGlobals()).stream()
                .anyMatch(g -> g.type().mutable());
    }

    private void makeAgain() {
        for (LinearMemory memory : instance.memories) {
            memory.reset();
        }
        if (!data.globals().isEmpty()) {
            int count = data.globals().size();
            ConstantExpression.GlobalValues values =
                    new ConstantExpression.GlobalValues(new long[count], new Object[count]);
            for (int i = 0; i < data.importedGlobals(); i++) {
                if (data.globals().get(i).type().value() instanceof RefType) {
                    values.references()[i] = instance.globalReference(i);
                } else {
                    values.bits()[i] = instance.globalBits(i);
                }
            }
            setGlobals(values, false);
        }
        instance.restoreSegments();
        Object[][] images = code.tableImages();
        for (int i = 0; i < images.length; i++) {
            if (images[i] != null) {
                instance.tables[i].reset(images[i]);
            } else {
                Object initial = data.tables()
                        .get(i)
                        .init()
                        .map(range -> ConstantExpression.reference(range, instance))
                        .orElse(null);
                instance.tables[i].resetTo(initial);
            }
        }
        fill();
        start();
    }

    /** Gives back what an instance has of its own. */
    static void release(GuestInstance instance, ModuleData data) {
        for (int i = data.importedMemories(); i < instance.memories.length; i++) {
            if (instance.memories[i] != null) {
                instance.memories[i].close();
            }
        }
        for (int i = data.importedTables(); i < instance.tables.length; i++) {
            if (instance.tables[i] != null) {
                instance.control.releaseTable(instance.tables[i].size());
            }
        }
        instance.control.remove(instance);
    }
}
