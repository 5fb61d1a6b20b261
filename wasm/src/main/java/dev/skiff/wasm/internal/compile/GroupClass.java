package dev.skiff.wasm.internal.compile;

import static java.lang.constant.ConstantDescs.CD_String;

import dev.skiff.wasm.LimitException;
import dev.skiff.wasm.internal.runtime.Signature;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Translates a group of functions to a class: a static method for each, and what splitting and tail calls add. The pieces
 * of a very large function are spread over further classes, parts, of which each has a number.
 */
public final class GroupClass {
    static final int PUBLIC_STATIC = ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC;

    /** Where two classes meet, generated code uses the value as an Object or not at all; so no class has to be looked for. */
    static final ClassFile CLASS_FILE = ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(type -> ClassHierarchyResolver.ClassHierarchyInfo.ofClass(
                    type.equals(ConstantDescs.CD_Object) ? null : ConstantDescs.CD_Object)));

    private static final int SMALLEST_METHODS = 1_000;
    /** Estimates are on the high side: up to this factor over the limit the real size is looked at before a split. */
    private static final double UNSURE = 2.5;
    /** HotSpot does not compile methods of more bytes. */
    private static final int MAX_COMPILED = 8_000;

    private final ModuleLayout layout;
    private final CodeOptions options;
    private final Set<Integer> calledTypes = new TreeSet<>();

    private GroupClass(ModuleLayout layout, CodeOptions options) {
        this.layout = layout;
        this.options = options;
    }

    /** Translates a group to the class files of its parts, in their order; they are for a loader that knows the engine's classes. */
    public static List<byte[]> translate(ModuleLayout layout, int group, CodeOptions options) {
        try {
            List<byte[]> classFiles = new GroupClass(layout, options).build(group);
            return largestMethod(classFiles) <= MAX_COMPILED ? classFiles : smaller(layout, group, options, classFiles);
        } catch (IllegalArgumentException tooLarge) {
            // The estimates were off so far that a method does not fit a class file; smaller ones may.
            boolean isMethod = String.valueOf(tooLarge.getMessage()).startsWith("Code length");
            if (isMethod && options.methodSize() >= SMALLEST_METHODS) {
                return translate(layout, group, options.withMethodSize(options.methodSize() / 3));
            }
            throw new LimitException("a function of " + layout.firstFunction(group) + " to "
                    + (layout.lastFunction(group) - 1)
                    + " is too large: its branches, constants or operands do not fit the class files of the JVM ("
                    + tooLarge.getMessage() + ")");
        }
    }

    /** Splits into smaller methods until the JVM compiles them all; gives what comes closest where that leads nowhere. */
    private static List<byte[]> smaller(ModuleLayout layout, int group, CodeOptions options, List<byte[]> first) {
        List<byte[]> best = first;
        for (int eighths = 6; eighths > 1 && largestMethod(best) > MAX_COMPILED; eighths--) {
            CodeOptions small = options.withMethodSize(options.methodSize() * eighths / 8);
            try {
                List<byte[]> classFiles = new GroupClass(layout, small).build(group);
                if (largestMethod(classFiles) < largestMethod(best)) {
                    best = classFiles;
                }
            } catch (IllegalArgumentException _) {
                // More and smaller pieces can make the method that calls them too large.
                break;
            }
        }
        return best;
    }

    private List<byte[]> build(int group) {
        List<FunctionContext> functions = new ArrayList<>();
        int parts = 1;
        for (int function = layout.firstFunction(group); function < layout.lastFunction(group); function++) {
            FunctionContext context = context(function);
            functions.add(context);
            parts = Math.max(parts, context.parts);
        }
        byte[][] classFiles = new byte[parts][];
        // The first comes last: it has what the code of all parts turns out to need.
        for (int i = parts - 1; i >= 0; i--) {
            int part = i;
            classFiles[i] = CLASS_FILE.build(Descs.part(group, i), builder -> {
                builder.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC);
                for (FunctionContext context : functions) {
                    if (part == 0) {
                        addFunction(builder, context);
                    }
                    addPieces(builder, context, context.pieces, part);
                }
                if (part == 0) {
                    for (int type : calledTypes) {
                        addInvoker(builder, type);
                    }
                }
            });
        }
        return List.of(classFiles);
    }

    private void addFunction(ClassBuilder builder, FunctionContext context) {
        int function = context.function;
        boolean tailCalls = context.scan.hasTailCall;
        String name = ModuleLayout.methodName(function);
        String body = tailCalls ? "b" + function : name;
        MethodTypeDesc type = layout.methodType(function);
        translated(builder, body, type, code -> MethodEmitter.emitFunction(context, code));
        if (tailCalls) {
            method(builder, name, type, code -> trampoline(code, function, body));
        }
        if (layout.tailCalls) {
            method(
                    builder,
                    ModuleLayout.tailEntryName(function),
                    MethodTypeDesc.of(type.returnType(), Descs.GUEST_INSTANCE),
                    code -> tailEntry(code, function, body));
        }
    }

    private FunctionContext context(int function) {
        FunctionContext context = new FunctionContext(layout, function, options, calledTypes);
        int size = context.scan.root.size;
        if (options.methodSize() != CodeOptions.METHOD_SIZE
                || context.pieces.isEmpty()
                || size > options.methodSize() * UNSURE) {
            return context;
        }
        FunctionContext whole =
                new FunctionContext(layout, function, options.withMethodSize((int) (size * UNSURE)), calledTypes);
        byte[] trial = CLASS_FILE.build(
                Descs.group(0),
                builder -> method(
                        builder,
                        "trial",
                        layout.methodType(function),
                        code -> MethodEmitter.emitFunction(whole, code)));
        return largestMethod(List.of(trial)) <= MAX_COMPILED ? whole : context;
    }

    private static int largestMethod(List<byte[]> classFiles) {
        int largest = 0;
        for (byte[] classFile : classFiles) {
            for (MethodModel method : CLASS_FILE.parse(classFile).methods()) {
                int length =
                        method.findAttribute(Attributes.code()).orElseThrow().codeLength();
                largest = Math.max(largest, length);
            }
        }
        return largest;
    }

    private static void method(ClassBuilder builder, String name, MethodTypeDesc type, Consumer<CodeBuilder> body) {
        builder.withMethodBody(name, type, PUBLIC_STATIC, body);
    }

    /** Adds a method for guest code, and the table of its lines if it has one. */
    private static void translated(
            ClassBuilder builder, String name, MethodTypeDesc type, Function<CodeBuilder, String> body) {
        // The class file API may want the body more than once.
        String[] positions = new String[1];
        method(builder, name, type, code -> positions[0] = body.apply(code));
        if (!positions[0].isEmpty()) {
            method(
                    builder,
                    ModuleLayout.positionsName(name),
                    MethodTypeDesc.of(CD_String),
                    code -> code.loadConstant(positions[0]).areturn());
        }
    }

    private static void addPieces(ClassBuilder builder, FunctionContext context, List<Piece> pieces, int part) {
        for (Piece piece : pieces) {
            if (piece.part == part) {
                translated(
                        builder,
                        MethodEmitter.pieceName(context.function, piece),
                        MethodEmitter.pieceType(),
                        code -> MethodEmitter.emitPiece(context, piece, code));
            }
            addPieces(builder, context, piece.nested, part);
        }
    }

    /** Calls the body, and then what it and its successors want to tail-call, until one returns in earnest. */
    private void trampoline(CodeBuilder code, int function, String body) {
        Signature signature = layout.signature(function);
        int instance = loadArguments(code, signature);
        code.aload(instance);
        ClassDesc result = layout.methodType(function).returnType();
        code.invokestatic(layout.classOf(function), body, layout.methodType(function));
        Label loop = code.newLabel();
        Label done = code.newLabel();
        int next = instance + 1;
        code.labelBinding(loop);
        code.aload(instance);
        code.invokestatic(Descs.CALLS, "takeNext", MethodTypeDesc.of(Descs.FUNC_REF, Descs.GUEST_INSTANCE));
        code.dup().astore(next).ifnull(done);
        if (result.equals(ConstantDescs.CD_long) || result.equals(ConstantDescs.CD_double)) {
            code.pop2();
        } else if (!result.equals(ConstantDescs.CD_void)) {
            code.pop();
        }
        code.aload(next);
        code.invokestatic(Descs.CALLS, "tailEntry", MethodTypeDesc.of(Descs.METHOD_HANDLE, Descs.FUNC_REF));
        code.aload(next).getfield(Descs.FUNC_REF, "owner", Descs.GUEST_INSTANCE);
        code.invokevirtual(Descs.METHOD_HANDLE, "invokeExact", MethodTypeDesc.of(result, Descs.GUEST_INSTANCE));
        code.goto_(loop);
        code.labelBinding(done);
        code.return_(java.lang.classfile.TypeKind.from(result));
    }

    /** Loads a method's own arguments but the instance; returns the local variable of that. */
    static int loadArguments(CodeBuilder code, Signature signature) {
        int variable = 0;
        if (!signature.wide()) {
            for (Slot slot : Slot.of(signature.type().params())) {
                code.loadLocal(slot.kind, variable);
                variable += slot.width;
            }
        }
        return variable;
    }

    private void tailEntry(CodeBuilder code, int function, String body) {
        Signature signature = layout.signature(function);
        if (!signature.wide()) {
            Values values = new Values(code, new JvmLocals(1), 0);
            Slot[] params = Slot.of(signature.type().params());
            for (int i = 0; i < params.length; i++) {
                values.fromTransfer(params[i], i);
            }
        }
        code.aload(0);
        MethodTypeDesc type = layout.methodType(function);
        code.invokestatic(layout.classOf(function), body, type);
        code.return_(java.lang.classfile.TypeKind.from(type.returnType()));
    }

    static String invokerName(int type) {
        return "invoke" + type;
    }

    /** Type of the method that calls a function reference: its arguments, the reference, the instance it runs in. */
    static MethodTypeDesc invokerType(Signature signature) {
        MethodTypeDesc type = signature.method().describeConstable().orElseThrow();
        return type.insertParameterTypes(type.parameterCount() - 1, Descs.FUNC_REF);
    }

    private void addInvoker(ClassBuilder builder, int type) {
        Signature signature = layout.typeSignature(type);
        method(builder, invokerName(type), invokerType(signature), code -> {
            MethodTypeDesc called = signature.method().describeConstable().orElseThrow();
            int arguments = signature.wide() ? 0 : width(signature);
            code.aload(arguments).getfield(Descs.FUNC_REF, "code", Descs.METHOD_HANDLE);
            loadArguments(code, signature);
            code.aload(arguments + 1);
            code.invokevirtual(Descs.METHOD_HANDLE, "invokeExact", called);
            code.return_(java.lang.classfile.TypeKind.from(called.returnType()));
        });
    }

    static int width(Signature signature) {
        int width = 0;
        for (Slot slot : Slot.of(signature.type().params())) {
            width += slot.width;
        }
        return width;
    }
}
