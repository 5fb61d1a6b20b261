package dev.skiff.wasm.internal.compile;

import static dev.skiff.wasm.internal.binary.Op.*;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;

/** Emits the instructions on whole memories, tables and segments as calls of the runtime. */
final class BulkEmitter {
    private BulkEmitter() {}

    static void emit(CodeBuilder code, int instance, int op, int first, int second) {
        switch (op) {
            case MEMORY_GROW -> call(code, instance, "memoryGrow", CD_int, "I", first);
            case MEMORY_FILL -> call(code, instance, "memoryFill", CD_void, "III", first);
            case MEMORY_COPY -> call(code, instance, "memoryCopy", CD_void, "III", first, second);
            // The segment's index comes first in the binary format.
            case MEMORY_INIT -> call(code, instance, "memoryInit", CD_void, "III", second, first);
            case DATA_DROP -> call(code, instance, "dataDrop", CD_void, "", first);
            case TABLE_GET -> call(code, instance, "tableGet", CD_Object, "I", first);
            case TABLE_SET -> call(code, instance, "tableSet", CD_void, "IL", first);
            case TABLE_SIZE -> call(code, instance, "tableSize", CD_int, "", first);
            case TABLE_GROW -> call(code, instance, "tableGrow", CD_int, "LI", first);
            case TABLE_FILL -> call(code, instance, "tableFill", CD_void, "ILI", first);
            case TABLE_COPY -> call(code, instance, "tableCopy", CD_void, "III", first, second);
            case TABLE_INIT -> call(code, instance, "tableInit", CD_void, "III", second, first);
            case ELEM_DROP -> call(code, instance, "elementDrop", CD_void, "", first);
            default -> throw new IllegalArgumentException(name(op));
        }
    }

    private static void call(
            CodeBuilder code, int instance, String name, ClassDesc result, String operands, int... immediates) {
        List<ClassDesc> params = new ArrayList<>();
        for (char operand : operands.toCharArray()) {
            params.add(operand == 'I' ? CD_int : CD_Object);
        }
        params.add(Descs.GUEST_INSTANCE);
        code.aload(instance);
        for (int immediate : immediates) {
            params.add(CD_int);
            code.loadConstant(immediate);
        }
        code.invokestatic(Descs.CALLS, name, MethodTypeDesc.of(result, params));
    }
}
