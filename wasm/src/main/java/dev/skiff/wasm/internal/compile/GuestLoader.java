package dev.skiff.wasm.internal.compile;

import dev.skiff.wasm.internal.binary.ModuleData;
import dev.skiff.wasm.internal.runtime.FuncRef;
import dev.skiff.wasm.internal.runtime.GuestInstance;
import dev.skiff.wasm.internal.runtime.Housekeeping;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Loads a module's generated classes. The JVM asks for the class of a group when one of its functions is called for the
 * first time, and only then is it translated. When nothing refers to the module any more, its classes go with the loader.
 */
public final class GuestLoader extends ClassLoader {
    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final Map<String, WeakReference<GuestLoader>> ALL = new ConcurrentHashMap<>();

    static {
        registerAsParallelCapable();
    }

    private final ModuleLayout layout;
    private final ClassSource source;
    private MethodHandle[] firstImports;

    /** Where class files come from. Thread-safe. */
    public interface ClassSource {
        /** The class file of the instances' class. */
        byte[] instanceClass();

        /** The class file of a part of a group of functions; most groups only have part 0. */
        byte[] groupClass(int group, int part);
    }

    /** A loader for a module. */
    public GuestLoader(ModuleLayout layout, ClassSource source) {
        super("skiff-" + NUMBERS.incrementAndGet(), GuestLoader.class.getClassLoader());
        this.layout = layout;
        this.source = source;
        String name = getName();
        ALL.put(name, new WeakReference<>(this));
        Housekeeping.CLEANER.register(this, () -> ALL.remove(name));
    }

    /** The loader of a name, as stack traces show it; null if there is none. */
    public static GuestLoader named(String name) {
        WeakReference<GuestLoader> found = name == null ? null : ALL.get(name);
        return found == null ? null : found.get();
    }

    /** Where the module's functions are. */
    public ModuleLayout layout() {
        return layout;
    }

    /** Looks for generated classes here alone: the parent has none, and would search the files of the class path. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(Descs.PACKAGE + ".")) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : findClass(name);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        String prefix = Descs.PACKAGE + ".";
        if (name.startsWith(prefix)) {
            String rest = name.substring(prefix.length());
            if (rest.equals("Instance")) {
                return define(name, source.instanceClass());
            }
            if (rest.startsWith("Functions")) {
                int start = "Functions".length();
                int p = rest.indexOf('p');
                int group = Integer.parseInt(rest, start, p < 0 ? rest.length() : p, 10);
                int part = p < 0 ? 0 : Integer.parseInt(rest, p + 1, rest.length(), 10);
                return define(name, source.groupClass(group, part));
            }
        }
        throw new ClassNotFoundException(name);
    }

    private Class<?> define(String name, byte[] classFile) {
        return defineClass(name, classFile, 0, classFile.length);
    }

    /**
     * Where in its function's body a line of generated code is.
     *
     * @param frame of a stack trace, in a method of the function
     */
    public int position(int function, StackTraceElement frame) {
        int line = frame.getLineNumber();
        ModuleData module = layout.module();
        int index = function - module.importedFunctions();
        if (ModuleLayout.fitsLines(module.code().get(index).body().length())) {
            return line - 1;
        }
        String positions;
        try {
            positions = (String) MethodHandles.publicLookup()
                    .findStatic(
                            loadClass(frame.getClassName()),
                            ModuleLayout.positionsName(frame.getMethodName()),
                            MethodType.methodType(String.class))
                    .invokeExact();
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
        return positions.charAt(2 * line - 2) << 16 | positions.charAt(2 * line - 1);
    }

    /** A maker of instances. */
    public MethodHandle instanceConstructor() {
        try {
            Class<?> type = loadClass(Descs.PACKAGE + ".Instance");
            return MethodHandles.publicLookup()
                    .findConstructor(type, MethodType.methodType(void.class))
                    .asType(MethodType.methodType(GuestInstance.class));
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The code of a function. */
    public MethodHandle code(int function) {
        return method(
                function,
                ModuleLayout.methodName(function),
                layout.signature(function).method());
    }

    /** The entry of a function for tail calls, in a module that makes some. */
    public MethodHandle tailEntry(int function) {
        Class<?> result = layout.signature(function).method().returnType();
        return method(
                function, ModuleLayout.tailEntryName(function), MethodType.methodType(result, GuestInstance.class));
    }

    private MethodHandle method(int function, String name, MethodType type) {
        try {
            Class<?> group = loadClass(Descs.PACKAGE + ".Functions" + layout.groupOf(function));
            return MethodHandles.publicLookup().findStatic(group, name, type);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Notes the imports of the first instance; those of later ones change nothing. */
    public synchronized void linked(FuncRef[] imports) {
        if (firstImports == null) {
            MethodHandle[] codes = new MethodHandle[imports.length];
            for (int i = 0; i < codes.length; i++) {
                codes[i] = imports[i].isHost() ? imports[i].code : null;
            }
            firstImports = codes;
        }
    }

    /** The host function that the first instance got, or for a function of a module a code that is never called. */
    synchronized MethodHandle firstImport(int function) {
        MethodHandle first = firstImports[function];
        return first != null
                ? first
                : MethodHandles.empty(layout.signature(function).method());
    }
}
