package dev.skiff.wasm;

import dev.skiff.wasm.internal.runtime.Control;
import dev.skiff.wasm.internal.runtime.FuncRef;
import dev.skiff.wasm.internal.runtime.GuestInstance;
import dev.skiff.wasm.internal.runtime.Signature;
import dev.skiff.wasm.internal.runtime.Transfer;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/**
 * Where the host calls guests: takes the store for the thread, turns boxed values into plain ones and back, and whatever
 * a guest dies of into a {@link Trap}.
 */
final class Boundary {
    private static final Object[] NO_RESULTS = {};
    private static final MethodType NOTHING = MethodType.methodType(void.class, GuestInstance.class);

    private Boundary() {}

    /** Calls a function that has neither parameters nor results. */
    static void call(FuncRef function, GuestInstance instance) {
        call(function, instance, NO_RESULTS);
    }

    /** Calls a function with boxed arguments that match its type, references as the engine has them. */
    static Object[] call(FuncRef function, GuestInstance home, Object[] args) {
        GuestInstance instance = function.owner(home, home);
        Control control = instance.control;
        requireOpen(instance);
        int before = control.enter();
        try {
            MethodHandle code = function.link();
            Signature signature = function.signature;
            if (signature.method() == NOTHING && !signature.wide()) {
                code.invokeExact(instance);
                return NO_RESULTS;
            }
            return invoke(code, signature, instance, args);
        } catch (Throwable failure) {
            throw Traps.<RuntimeException>translate(failure);
        } finally {
            control.exit(before);
        }
    }

    private static Object[] invoke(MethodHandle code, Signature signature, GuestInstance instance, Object[] args)
            throws Throwable {
        List<ValType> params = signature.type().params();
        List<ValType> results = signature.type().results();
        Object[] passed = args;
        if (signature.wide()) {
            for (int i = 0; i < args.length; i++) {
                Transfer.putBoxed(params.get(i), args[i], i, instance);
            }
            passed = NO_RESULTS;
        }
        Object first = signature.invoker().invokeExact(code, passed, instance);
        Object[] values = new Object[results.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i == 0 ? first : Transfer.getBoxed(results.get(i), i, instance);
        }
        return values;
    }

    /** A handle that calls a function without boxing; see {@link Func#handle}. */
    static MethodHandle handle(FuncRef function, GuestInstance home) {
        GuestInstance instance = function.owner(home, home);
        Signature signature = function.signature;
        FuncType type = signature.type();
        MethodHandle code;
        boolean boxed = signature.wide() || type.results().size() > 1;
        if (boxed) {
            code = MethodHandles.insertArguments(BOXED, 0, function, instance)
                    .asCollector(Object[].class, type.params().size())
                    .asType(HostCode.publicType(type));
            return code;
        }
        code = function.link();
        code = MethodHandles.insertArguments(code, code.type().parameterCount() - 1, instance);
        code = HostCode.publicReferences(code, type);
        Class<?> result = code.type().returnType();
        MethodHandle rethrow =
                MethodHandles.explicitCastArguments(RETHROW, MethodType.methodType(result, Throwable.class));
        code = MethodHandles.catchException(code, Throwable.class, rethrow);
        // The count of calls is given back whether the call returned or threw.
        MethodHandle leave = MethodHandles.insertArguments(LEAVE, 0, instance.control);
        leave = result == void.class
                ? MethodHandles.dropArguments(leave, 0, Throwable.class)
                : MethodHandles.foldArguments(
                        MethodHandles.dropArguments(MethodHandles.identity(result), 0, Throwable.class),
                        MethodHandles.dropArguments(leave, 0, Throwable.class));
        code = MethodHandles.tryFinally(code, leave);
        return MethodHandles.foldArguments(code, MethodHandles.insertArguments(ENTER, 0, instance));
    }

    private static final MethodHandle BOXED;
    private static final MethodHandle RETHROW;
    private static final MethodHandle ENTER;
    private static final MethodHandle LEAVE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            BOXED = lookup.findStatic(
                    Boundary.class,
                    "boxed",
                    MethodType.methodType(Object[].class, FuncRef.class, GuestInstance.class, Object[].class));
            RETHROW =
                    lookup.findStatic(Boundary.class, "rethrow", MethodType.methodType(Object.class, Throwable.class));
            ENTER = lookup.findStatic(Boundary.class, "enter", MethodType.methodType(void.class, GuestInstance.class));
            LEAVE = lookup.findStatic(Boundary.class, "leave", MethodType.methodType(void.class, Control.class));
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private static Object[] boxed(FuncRef function, GuestInstance instance, Object[] args) {
        return new Func(function, instance).call(args);
    }

    private static Object rethrow(Throwable failure) {
        throw Traps.<RuntimeException>translate(failure);
    }

    private static void enter(GuestInstance instance) {
        requireOpen(instance);
        instance.control.enter();
    }

    private static void requireOpen(GuestInstance instance) {
        if (instance.closed) {
            throw new IllegalStateException("the instance is closed");
        }
    }

    private static void leave(Control control) {
        control.exit(control.depth() - 1);
    }
}
