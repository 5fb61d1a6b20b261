package dev.skiff.wasm.internal.compile;

import dev.skiff.wasm.HeapType;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.RefType;
import dev.skiff.wasm.ValType;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.util.List;

/** The type of a WebAssembly value as the JVM sees it. */
enum Slot {
    I32(TypeKind.INT, ConstantDescs.CD_int, 1),
    I64(TypeKind.LONG, ConstantDescs.CD_long, 2),
    F32(TypeKind.FLOAT, ConstantDescs.CD_float, 1),
    F64(TypeKind.DOUBLE, ConstantDescs.CD_double, 2),
    FUNC(TypeKind.REFERENCE, Descs.FUNC_REF, 1),
    EXTERN(TypeKind.REFERENCE, ConstantDescs.CD_Object, 1),
    EXN(TypeKind.REFERENCE, Descs.WASM_EXCEPTION, 1);

    static final Slot[] NONE = {};

    final TypeKind kind;
    final ClassDesc desc;
    /** Slots that it takes on the JVM's stack and among its local variables: 1 or 2. */
    final int width;

    Slot(TypeKind kind, ClassDesc desc, int width) {
        this.kind = kind;
        this.desc = desc;
        this.width = width;
    }

    boolean isReference() {
        return kind == TypeKind.REFERENCE;
    }

    /** The type of the value where all references are treated alike. */
    ClassDesc erased() {
        return isReference() ? ConstantDescs.CD_Object : desc;
    }

    static Slot of(ValType type) {
        return switch (type) {
            case NumType number ->
                switch (number) {
                    case I32 -> I32;
                    case I64 -> I64;
                    case F32 -> F32;
                    case F64 -> F64;
                };
            case RefType reference -> of(reference.heap());
        };
    }

    static Slot of(HeapType heap) {
        return switch (heap) {
            case FUNC -> FUNC;
            case EXTERN -> EXTERN;
            case EXN -> EXN;
        };
    }

    static Slot[] of(List<? extends ValType> types) {
        Slot[] slots = new Slot[types.size()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = of(types.get(i));
        }
        return slots.length == 0 ? NONE : slots;
    }
}
