package dev.skiff.wasm;

import dev.skiff.wasm.internal.binary.ModuleData;
import dev.skiff.wasm.internal.compile.CachedClasses;
import dev.skiff.wasm.internal.compile.GuestLoader;
import dev.skiff.wasm.internal.compile.ModuleLayout;
import dev.skiff.wasm.internal.runtime.FuncRef;
import dev.skiff.wasm.internal.runtime.GuestInstance;
import dev.skiff.wasm.internal.runtime.MemoryImage;
import dev.skiff.wasm.internal.runtime.ModuleCode;
import dev.skiff.wasm.internal.runtime.Signature;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** A module's code, and the first contents of its memories and tables that all instances share. Thread-safe. */
final class CompiledModule implements ModuleCode {
    private static final Object[] NO_VALUES = {};
    /** Data further up than this is copied into each instance, because images are charged to nobody. */
    private static final long MAX_IMAGE_BYTES = 64L << 20;

    final ModuleData data;
    final ModuleLayout layout;
    final GuestLoader loader;
    private final CachedClasses classes;
    private final boolean offHeap;
    private final AtomicReferenceArray<FuncRef> unbound;
    private final AtomicReferenceArray<MethodHandle> tailEntries;
    private final SharedImages shared;
    private volatile Object[][] tables;
    private volatile MethodHandle constructor;

    /** The memory images of a module, made when the first instance is. */
    static final class SharedImages {
        private Images made;
    }

    /**
     * What memories start with.
     *
     * @param memories an image for each memory that the module defines
     * @param inImage whether a data segment is in one of the images
     */
    record Images(MemoryImage[] memories, boolean[] inImage) {}

    CompiledModule(ModuleLayout layout, SharedImages shared, boolean offHeap, CachedClasses classes) {
        this.data = layout.module();
        this.layout = layout;
        this.shared = shared;
        this.classes = classes;
        this.offHeap = offHeap;
        loader = new GuestLoader(layout, classes);
        unbound = new AtomicReferenceArray<>(data.functions().size());
        tailEntries =
                new AtomicReferenceArray<>(layout.tailCalls() ? data.functions().size() : 0);
    }

    CachedClasses classes() {
        return classes;
    }

    /** A new instance without any state. */
    GuestInstance newInstance() {
        try {
            MethodHandle made = constructor;
            if (made == null) {
                made = loader.instanceConstructor();
                constructor = made;
            }
            return (GuestInstance) made.invokeExact();
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    Images images() {
        synchronized (shared) {
            if (shared.made == null) {
                int imported = data.importedMemories();
                MemoryImage[] memories = new MemoryImage[data.memories().size() - imported];
                boolean[] inImage = new boolean[data.data().size()];
                for (int i = 0; i < memories.length; i++) {
                    memories[i] = memoryImage(imported + i, inImage);
                }
                shared.made = new Images(memories, inImage);
            }
            return shared.made;
        }
    }

    /** The first elements of each table that the module defines, or null where each instance makes its own. */
    Object[][] tableImages() {
        Object[][] made = tables;
        if (made == null) {
            made = new Object[data.tables().size() - data.importedTables()][];
            for (int i = 0; i < made.length; i++) {
                made[i] = tableImage(data.importedTables() + i);
            }
            tables = made;
        }
        return made;
    }

    private MemoryImage memoryImage(int memory, boolean[] inImage) {
        long size = data.memories().get(memory).size().min() << 16;
        List<ModuleData.Data> segments = data.data();
        long[] starts = new long[segments.size()];
        long first = Long.MAX_VALUE;
        long end = 0;
        boolean fits = true;
        for (int i = 0; i < starts.length && fits; i++) {
            ModuleData.Data segment = segments.get(i);
            if (isActive(segment, memory)) {
                fits = ConstantExpression.isConstant(data, segment.offset().get());
                if (fits) {
                    starts[i] = start(segment);
                    first = Math.min(first, starts[i]);
                    end = Math.max(end, starts[i] + segment.bytes().length());
                }
            }
        }
        if (!fits || end > size || end > MAX_IMAGE_BYTES || end == 0) {
            return MemoryImage.zeros(offHeap);
        }
        int base = (int) (first / MemoryImage.PAGE * MemoryImage.PAGE);
        byte[] contents = new byte[(int) end - base];
        for (int i = 0; i < starts.length; i++) {
            ModuleData.Data segment = segments.get(i);
            if (isActive(segment, memory)) {
                inImage[i] = true;
                System.arraycopy(
                        data.binary(),
                        segment.bytes().start(),
                        contents,
                        (int) starts[i] - base,
                        segment.bytes().length());
            }
        }
        return MemoryImage.of(contents, base, offHeap);
    }

    private static boolean isActive(ModuleData.Data segment, int memory) {
        return segment.mode() == ModuleData.Mode.ACTIVE && segment.memory() == memory;
    }

    private long start(ModuleData.Data segment) {
        return Integer.toUnsignedLong(
                (int) ConstantExpression.constant(data, segment.offset().get()));
    }

    private Object[] tableImage(int table) {
        ModuleData.TableDef definition = data.tables().get(table);
        long size = definition.type().size().min();
        if (definition.init().isPresent() || size > 1 << 20) {
            return null;
        }
        Object[] elements = new Object[(int) size];
        for (ModuleData.Element segment : data.elements()) {
            if (segment.mode() != ModuleData.Mode.ACTIVE || segment.table() != table) {
                continue;
            }
            ModuleData.Range offset = segment.offset().get();
            if (!segment.expressions().isEmpty() || !ConstantExpression.isConstant(data, offset)) {
                return null;
            }
            long start = Integer.toUnsignedLong((int) ConstantExpression.constant(data, offset));
            int[] functions = segment.functions();
            if (start + functions.length > size) {
                return null;
            }
            for (int i = 0; i < functions.length; i++) {
                if (functions[i] < data.importedFunctions()) {
                    return null;
                }
                elements[(int) start + i] = unboundFunction(functions[i]);
            }
        }
        return elements;
    }

    private FuncRef unboundFunction(int index) {
        FuncRef function = unbound.get(index);
        if (function == null) {
            unbound.compareAndSet(index, null, FuncRef.unbound(this, index));
            function = unbound.get(index);
        }
        return function;
    }

    @Override
    public Signature signature(int index) {
        return layout.signature(index);
    }

    @Override
    public MethodHandle code(int index) {
        // All references to a function share the one handle.
        FuncRef shared = unboundFunction(index);
        if (shared.code == null) {
            shared.code = loader.code(index);
        }
        return shared.code;
    }

    @Override
    public MethodHandle tailEntry(int index) {
        if (!layout.tailCalls()) {
            return null;
        }
        MethodHandle entry = tailEntries.get(index);
        if (entry == null) {
            entry = loader.tailEntry(index);
            tailEntries.set(index, entry);
        }
        return entry;
    }

    @Override
    public int functionCount() {
        return data.functions().size();
    }

    @Override
    public int dataCount() {
        return data.data().size();
    }

    @Override
    public int elementCount() {
        return data.elements().size();
    }

    @Override
    public byte[] binary() {
        return data.binary();
    }

    @Override
    public int dataStart(int index) {
        return data.data().get(index).bytes().start();
    }

    @Override
    public int dataLength(int index) {
        // An active segment is dropped when the instance is made.
        ModuleData.Data segment = data.data().get(index);
        return segment.mode() == ModuleData.Mode.PASSIVE ? segment.bytes().length() : 0;
    }

    @Override
    public Object[] elementValues(int index, GuestInstance instance) {
        ModuleData.Element segment = data.elements().get(index);
        return segment.mode() == ModuleData.Mode.PASSIVE ? values(segment, instance) : NO_VALUES;
    }

    /** The values of any element segment. */
    Object[] values(ModuleData.Element segment, GuestInstance instance) {
        Object[] values = new Object[segment.size()];
        int[] functions = segment.functions();
        for (int i = 0; i < functions.length; i++) {
            values[i] = instance.function(functions[i]);
        }
        List<ModuleData.Range> expressions = segment.expressions();
        for (int i = 0; i < expressions.size(); i++) {
            values[i] = ConstantExpression.reference(expressions.get(i), instance);
        }
        return values;
    }
}
