package dev.skiff.wasm.internal.compile;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.skiff.wasm.internal.runtime.Signature;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;

/** Makes the class of a module's instances: fields for its globals, and a method for each imported function. */
public final class InstanceClass {
    /** Globals set or read by one method; more would make it too large. */
    private static final int CHUNK = 200;

    private static final DirectMethodHandleDesc BOOTSTRAP = MethodHandleDesc.ofMethod(
            DirectMethodHandleDesc.Kind.STATIC,
            ClassDesc.of("dev.skiff.wasm.internal.compile.ImportBootstrap"),
            "firstCode",
            MethodTypeDesc.of(
                    ConstantDescs.CD_Object,
                    ConstantDescs.CD_MethodHandles_Lookup,
                    ConstantDescs.CD_String,
                    ConstantDescs.CD_Object,
                    ConstantDescs.CD_Object));

    private final ModuleLayout layout;
    private final List<Integer> fields = new ArrayList<>();

    private InstanceClass(ModuleLayout layout) {
        this.layout = layout;
        for (int i = 0; i < layout.module.globals().size(); i++) {
            if (!layout.isCell(i)) {
                fields.add(i);
            }
        }
    }

    /** Name of a global's field. */
    static String fieldName(int global) {
        return "g" + global;
    }

    /** Name of the method of an imported function. */
    static String importName(int function) {
        return "import" + function;
    }

    /** Makes the class file. */
    public static byte[] translate(ModuleLayout layout) {
        return new InstanceClass(layout).build();
    }

    private byte[] build() {
        return GroupClass.CLASS_FILE.build(Descs.INSTANCE, builder -> {
            builder.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC);
            builder.withSuperclass(Descs.GUEST_INSTANCE);
            for (int global : fields) {
                builder.withField(fieldName(global), slot(global).desc, ClassFile.ACC_PUBLIC);
            }
            builder.withMethodBody(
                    ConstantDescs.INIT_NAME,
                    ConstantDescs.MTD_void,
                    ClassFile.ACC_PUBLIC,
                    code -> code.aload(0)
                            .invokespecial(Descs.GUEST_INSTANCE, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .return_());
            addSetter(builder);
            addGetter(builder, "globalBits", false);
            addGetter(builder, "globalReference", true);
            for (int i = 0; i < layout.module.importedFunctions(); i++) {
                addImport(builder, i);
            }
        });
    }

    private Slot slot(int global) {
        return Slot.of(layout.module.globals().get(global).type().value());
    }

    private void addSetter(ClassBuilder builder) {
        MethodTypeDesc type = MethodTypeDesc.of(CD_void, CD_long.arrayType(), CD_Object.arrayType());
        int chunks = (fields.size() + CHUNK - 1) / CHUNK;
        for (int chunk = 0; chunk < chunks; chunk++) {
            List<Integer> some = fields.subList(chunk * CHUNK, Math.min((chunk + 1) * CHUNK, fields.size()));
            builder.withMethodBody("setGlobals" + chunk, type, ClassFile.ACC_PUBLIC, code -> {
                Values values = new Values(code, new JvmLocals(3), 0);
                for (int global : some) {
                    code.aload(0);
                    values.fromArray(slot(global), 1, 2, global);
                    code.putfield(Descs.INSTANCE, fieldName(global), slot(global).desc);
                }
                code.return_();
            });
        }
        builder.withMethodBody("setGlobals", type, ClassFile.ACC_PUBLIC, code -> {
            for (int chunk = 0; chunk < chunks; chunk++) {
                code.aload(0).aload(1).aload(2).invokevirtual(Descs.INSTANCE, "setGlobals" + chunk, type);
            }
            code.return_();
        });
    }

    private void addGetter(ClassBuilder builder, String name, boolean references) {
        List<Integer> some =
                fields.stream().filter(g -> slot(g).isReference() == references).toList();
        ClassDesc result = references ? CD_Object : CD_long;
        builder.withMethodBody(name, MethodTypeDesc.of(result, CD_int), ClassFile.ACC_PUBLIC, code -> {
            Label none = code.newLabel();
            List<SwitchCase> cases = new ArrayList<>();
            for (int global : some) {
                cases.add(SwitchCase.of(global, code.newLabel()));
            }
            if (!cases.isEmpty()) {
                code.iload(1).lookupswitch(none, cases);
                for (int i = 0; i < cases.size(); i++) {
                    int global = some.get(i);
                    code.labelBinding(cases.get(i).target());
                    code.aload(0).getfield(Descs.INSTANCE, fieldName(global), slot(global).desc);
                    new Values(code, new JvmLocals(2), 0).toBits(slot(global));
                    code.return_(references ? TypeKind.REFERENCE : TypeKind.LONG);
                }
            }
            code.labelBinding(none);
            code.new_(Descs.of(IndexOutOfBoundsException.class)).dup();
            code.iload(1);
            code.invokespecial(
                    Descs.of(IndexOutOfBoundsException.class),
                    ConstantDescs.INIT_NAME,
                    MethodTypeDesc.of(CD_void, CD_int));
            code.athrow();
        });
    }

    /**
     * Calls an imported function. The code that the module's first instance got is a constant here, so that the JIT can
     * inline it; an instance that was linked with other code calls that.
     */
    private void addImport(ClassBuilder builder, int function) {
        Signature signature = layout.signature(function);
        MethodTypeDesc type = layout.methodType(function);
        builder.withMethodBody(importName(function), type, GroupClass.PUBLIC_STATIC, code -> {
            int instance = GroupClass.width(signature);
            if (signature.wide()) {
                instance = 0;
            }
            int reference = instance + 1;
            Label other = code.newLabel();
            code.aload(instance).getfield(Descs.GUEST_INSTANCE, "imports", Descs.FUNC_REF.arrayType());
            code.loadConstant(function).aaload().astore(reference);
            DynamicConstantDesc<?> first =
                    DynamicConstantDesc.ofNamed(BOOTSTRAP, "code", Descs.METHOD_HANDLE, function);
            code.aload(reference).getfield(Descs.FUNC_REF, "code", Descs.METHOD_HANDLE);
            code.loadConstant(first).if_acmpne(other);
            code.loadConstant(first);
            invoke(code, signature, type, reference, instance);
            code.labelBinding(other);
            code.aload(reference).invokevirtual(Descs.FUNC_REF, "link", MethodTypeDesc.of(Descs.METHOD_HANDLE));
            invoke(code, signature, type, reference, instance);
        });
    }

    private static void invoke(
            CodeBuilder code, Signature signature, MethodTypeDesc type, int reference, int instance) {
        GroupClass.loadArguments(code, signature);
        code.aload(reference).aload(instance);
        code.invokestatic(
                Descs.CALLS,
                "importOwner",
                MethodTypeDesc.of(Descs.GUEST_INSTANCE, Descs.FUNC_REF, Descs.GUEST_INSTANCE));
        code.invokevirtual(Descs.METHOD_HANDLE, "invokeExact", type);
        code.return_(TypeKind.from(type.returnType()));
    }
}
