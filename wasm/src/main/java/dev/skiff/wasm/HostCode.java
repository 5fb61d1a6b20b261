package dev.skiff.wasm;

import dev.skiff.wasm.internal.runtime.FuncRef;
import dev.skiff.wasm.internal.runtime.GuestInstance;
import dev.skiff.wasm.internal.runtime.Signature;
import dev.skiff.wasm.internal.runtime.Transfer;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Fits functions of the host to the way generated code calls: arguments, then the instance; references as they are inside. */
final class HostCode {
    private static final MethodHandle INSTANCE;
    private static final MethodHandle TO_PUBLIC;
    private static final MethodHandle TO_INTERNAL;
    private static final MethodHandle FIRST_RESULT;
    private static final MethodHandle FIRST_ELEMENT;
    private static final MethodHandle CALL_BOXED;
    private static final MethodHandle CALL_WIDE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            INSTANCE = lookup.findGetter(Caller.class, "instance", Instance.class);
            TO_PUBLIC = lookup.findStatic(HostCode.class, "toPublic", MethodType.methodType(Func.class, FuncRef.class));
            TO_INTERNAL =
                    lookup.findStatic(HostCode.class, "toInternal", MethodType.methodType(FuncRef.class, Func.class));
            FIRST_RESULT = lookup.findStatic(
                    HostCode.class,
                    "firstResult",
                    MethodType.methodType(Object.class, FuncType.class, Object[].class, GuestInstance.class));
            FIRST_ELEMENT = lookup.findStatic(
                    HostCode.class, "firstElement", MethodType.methodType(Object.class, Object[].class));
            CALL_BOXED = lookup.findVirtual(
                    HostFunction.class, "call", MethodType.methodType(Object[].class, Instance.class, Object[].class));
            CALL_WIDE = lookup.findStatic(
                    HostCode.class,
                    "callWide",
                    MethodType.methodType(Object.class, FuncType.class, HostFunction.class, GuestInstance.class));
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private HostCode() {}

    private static Func toPublic(FuncRef function) {
        return function == null ? null : new Func(function, function.owner);
    }

    private static FuncRef toInternal(Func function) {
        return function == null ? null : function.reference();
    }

    /** The type that embedders see. */
    static MethodType publicType(FuncType type) {
        Class<?> result = switch (type.results().size()) {
            case 0 -> void.class;
            case 1 -> publicType(type.results().getFirst());
            default -> Object[].class;
        };
        return MethodType.methodType(
                result, type.params().stream().map(HostCode::publicType).toArray(Class<?>[]::new));
    }

    private static Class<?> publicType(ValType type) {
        Class<?> internal = Signature.javaType(type);
        return internal == FuncRef.class ? Func.class : internal;
    }

    /** A function reference with code made of a host function. */
    static FuncRef adapt(FuncType type, MethodHandle target) {
        Signature signature = Signature.of(type);
        if (signature.wide()) {
            throw new IllegalArgumentException("a function of type " + type
                    + " has too many parameters for a method handle; offer it as a HostFunction");
        }
        MethodHandle code = withCaller(type, target);
        for (int i = 0; i < type.params().size(); i++) {
            if (code.type().parameterType(i) == Func.class) {
                code = MethodHandles.filterArguments(code, i, TO_PUBLIC);
            }
        }
        if (type.results().size() > 1) {
            code = leavingResults(type, code);
        } else if (code.type().returnType() == Func.class) {
            code = MethodHandles.filterReturnValue(code, TO_INTERNAL);
        }
        return FuncRef.ofHost(signature, code.asType(signature.method()));
    }

    /** The target with a {@link Caller} as its last parameter. */
    private static MethodHandle withCaller(FuncType type, MethodHandle target) {
        MethodType expected = publicType(type);
        MethodType given = target.type();
        int params = expected.parameterCount();
        if (given.equals(expected.appendParameterTypes(Caller.class))) {
            return target;
        }
        if (given.equals(expected)) {
            return MethodHandles.dropArguments(target, params, Caller.class);
        }
        if (given.equals(expected.insertParameterTypes(0, Instance.class))) {
            MethodHandle code = MethodHandles.filterArguments(target, 0, INSTANCE);
            int[] order = new int[params + 1];
            order[0] = params;
            for (int i = 0; i < params; i++) {
                order[i + 1] = i;
            }
            return MethodHandles.permuteArguments(code, expected.appendParameterTypes(Caller.class), order);
        }
        throw new IllegalArgumentException("a function of type " + type + " needs a method handle of type " + expected
                + ", with an optional leading Instance or trailing Caller, but the one given is of type " + given);
    }

    /** Leaves all results but the first where generated code looks for them. */
    private static MethodHandle leavingResults(FuncType type, MethodHandle target) {
        MethodType method = Signature.of(type).method();
        int params = type.params().size();
        MethodHandle first = MethodHandles.insertArguments(FIRST_RESULT, 0, type)
                .asType(MethodType.methodType(method.returnType(), Object[].class, GuestInstance.class));
        MethodHandle code = target.asType(target.type().changeParameterType(params, GuestInstance.class));
        MethodHandle both = MethodHandles.collectArguments(first, 0, code);
        // Parameters now: arguments, instance, instance.
        int[] order = new int[params + 2];
        for (int i = 0; i <= params; i++) {
            order[i] = i;
        }
        order[params + 1] = params;
        return MethodHandles.permuteArguments(both, method, order);
    }

    /** A function reference with code made of a boxing host function. */
    static FuncRef adapt(FuncType type, HostFunction target) {
        Signature signature = Signature.of(type);
        if (signature.wide()) {
            MethodHandle code =
                    MethodHandles.insertArguments(CALL_WIDE, 0, type, target).asType(signature.method());
            return FuncRef.ofHost(signature, code);
        }
        MethodHandle boxed = CALL_BOXED
                .bindTo((HostFunction) (caller, args) -> checkResults(type, target.call(caller, args)))
                .asCollector(Object[].class, type.params().size());
        MethodType wanted = publicType(type).insertParameterTypes(0, Instance.class);
        if (type.results().size() == 1) {
            boxed = MethodHandles.filterReturnValue(boxed, FIRST_ELEMENT);
        }
        return adapt(type, boxed.asType(wanted));
    }

    private static Object firstElement(Object[] results) {
        return results[0];
    }

    private static Object[] checkResults(FuncType type, Object[] results) {
        int count = results == null ? 0 : results.length;
        if (count != type.results().size()) {
            throw new IllegalStateException("a host function of type " + type + " returned " + count + " results");
        }
        return results;
    }

    private static Object firstResult(FuncType type, Object[] results, GuestInstance instance) {
        checkResults(type, results);
        for (int i = 0; i < results.length; i++) {
            Object value = Values.toInternal(type.results().get(i), results[i]);
            if (i == 0) {
                results[0] = value;
            } else {
                Transfer.putBoxed(type.results().get(i), value, i, instance);
            }
        }
        return results[0];
    }

    private static Object callWide(FuncType type, HostFunction target, GuestInstance instance) {
        Object[] args = new Object[type.params().size()];
        for (int i = 0; i < args.length; i++) {
            args[i] = Values.toPublic(Transfer.getBoxed(type.params().get(i), i, instance));
        }
        Object[] results = checkResults(type, target.call(instance.instance(), args));
        return type.results().isEmpty() ? null : firstResult(type, results.clone(), instance);
    }

    /** From references as generated code has them to those that embedders see, for a handle that calls a guest. */
    static MethodHandle publicReferences(MethodHandle code, FuncType type) {
        MethodHandle fitted = code;
        for (int i = 0; i < type.params().size(); i++) {
            if (fitted.type().parameterType(i) == FuncRef.class) {
                fitted = MethodHandles.filterArguments(fitted, i, TO_INTERNAL);
            }
        }
        return fitted.type().returnType() == FuncRef.class
                ? MethodHandles.filterReturnValue(fitted, TO_PUBLIC)
                : fitted;
    }
}
