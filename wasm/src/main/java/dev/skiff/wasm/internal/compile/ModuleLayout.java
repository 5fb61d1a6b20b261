package dev.skiff.wasm.internal.compile;

import dev.skiff.wasm.ExternType;
import dev.skiff.wasm.Feature;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.GlobalType;
import dev.skiff.wasm.internal.binary.ModuleData;
import dev.skiff.wasm.internal.runtime.Signature;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Where a module's functions and globals are in the generated classes. Immutable and thread-safe. */
public final class ModuleLayout {
    /** Functions are put into a class together until their bodies have so many bytes. */
    private static final int GROUP_BYTES = 4_096;

    private static final int MAX_GROUP_FUNCTIONS = 400;
    /** More globals than this are cells; a class has room for 65,535 fields. */
    private static final int MAX_GLOBAL_FIELDS = 1_000;

    final ModuleData module;
    final boolean tailCalls;
    private final int[] groupStarts;
    private final BitSet cells = new BitSet();
    private final Signature[] typeSignatures;
    private final Map<FuncType, Signature> signatures = new HashMap<>();
    private final Map<Signature, MethodTypeDesc> methodTypes = new HashMap<>();

    /** Lays out a module. */
    public ModuleLayout(ModuleData module) {
        this.module = module;
        tailCalls = module.features().contains(Feature.TAIL_CALLS);
        groupStarts = groups(module);
        typeSignatures = new Signature[module.types().size()];
        for (int i = 0; i < typeSignatures.length; i++) {
            typeSignatures[i] = signatures.computeIfAbsent(module.types().get(i), Signature::of);
            methodTypes.computeIfAbsent(typeSignatures[i], ModuleLayout::describe);
        }
        for (int i = 0; i < module.globals().size(); i++) {
            boolean imported = i < module.importedGlobals();
            if (isMutable(i) && imported || i >= MAX_GLOBAL_FIELDS) {
                cells.set(i);
            }
        }
        for (ModuleData.Export export : module.exports()) {
            ExternType type = export.type();
            if (type instanceof GlobalType global && global.mutable()) {
                cells.set(export.index());
            }
        }
    }

    private static MethodTypeDesc describe(Signature signature) {
        return signature.method().describeConstable().orElseThrow();
    }

    /** The type of a function. */
    public Signature signature(int function) {
        return signatures.get(module.functions().get(function));
    }

    /** A type of the type section. */
    Signature typeSignature(int type) {
        return typeSignatures[type];
    }

    /** The types of the type section. */
    public Signature[] typeSignatures() {
        return typeSignatures;
    }

    /** How a function's method is described in a class file. */
    MethodTypeDesc methodType(int function) {
        return methodTypes.get(signature(function));
    }

    private static int[] groups(ModuleData module) {
        int count = module.code().size();
        if (count == 0) {
            return new int[1];
        }
        int[] starts = new int[count + 1];
        int groups = 0;
        int bytes = 0;
        int start = 0;
        for (int i = 0; i < count; i++) {
            int length = module.code().get(i).body().length();
            if (i > start && (bytes + length > GROUP_BYTES || i - start >= MAX_GROUP_FUNCTIONS)) {
                starts[++groups] = i;
                start = i;
                bytes = 0;
            }
            bytes += length;
        }
        starts[++groups] = count;
        return Arrays.copyOf(starts, groups + 1);
    }

    /** Whether functions of the module make tail calls. */
    public boolean tailCalls() {
        return tailCalls;
    }

    /** The module. */
    public ModuleData module() {
        return module;
    }

    /**
     * Whether positions in a body of a length fit the line numbers of the JVM: then that of an instruction is its distance
     * from the body's start, plus 1. Otherwise its methods number what they do from 1 on and have a table of positions.
     */
    public static boolean fitsLines(int bodyLength) {
        return bodyLength < 65_535;
    }

    /** Name of the method that returns the table of positions of a method, two characters for each line from 1 on. */
    static String positionsName(String method) {
        return "positions$" + method;
    }

    /** Number of classes that hold functions. */
    public int groupCount() {
        return groupStarts.length - 1;
    }

    /** Index of the first function in a group, imported ones counted. */
    int firstFunction(int group) {
        return module.importedFunctions() + groupStarts[group];
    }

    /** Index behind the last function in a group. */
    int lastFunction(int group) {
        return module.importedFunctions() + groupStarts[group + 1];
    }

    /** The group of a function. */
    public int groupOf(int function) {
        int found = Arrays.binarySearch(groupStarts, function - module.importedFunctions());
        return found >= 0 ? found : -found - 2;
    }

    /** The class of a function. */
    ClassDesc classOf(int function) {
        return Descs.group(groupOf(function));
    }

    /** Whether a global is a cell that others may share, and not a field of the generated instance. */
    public boolean isCell(int global) {
        return cells.get(global);
    }

    private boolean isMutable(int global) {
        return module.globals().get(global).type().mutable();
    }

    /** Name of the method of a function, in the class of its group. */
    public static String methodName(int function) {
        return "f" + function;
    }

    /** Name of the entry of a function for tail calls. */
    public static String tailEntryName(int function) {
        return "t" + function;
    }
}
