package dev.skiff.wasm;

import dev.skiff.wasm.internal.binary.ModuleData;
import dev.skiff.wasm.internal.compile.GuestLoader;
import dev.skiff.wasm.internal.compile.ModuleLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns what a guest dies of into traps with a backtrace of the guest's own frames. */
final class Traps {
    private static final int MAX_FRAMES = 64;
    private static final String ENGINE_RUNTIME = "dev.skiff.wasm.internal.runtime.";

    private Traps() {}

    /**
     * What to throw in place of a failure: a trap for what a guest did, anything else as it is.
     *
     * @throws E always; lets the caller write {@code throw translate(failure)} whatever the failure is
     */
    @SuppressWarnings("unchecked")
    static <E extends Throwable> E translate(Throwable failure) throws E {
        throw (E) translated(failure);
    }

    /** Throws a failure of another thread as it is. */
    @SuppressWarnings("unchecked")
    static <E extends Throwable> E rethrow(Throwable failure) throws E {
        throw (E) failure;
    }

    private static Throwable translated(Throwable failure) {
        return switch (failure) {
            case Trap trap -> {
                if (trap.backtrace().isEmpty()) {
                    trap.setBacktrace(frames(trap));
                }
                yield trap;
            }
            case StackOverflowError overflow -> trap(TrapCode.CALL_STACK_EXHAUSTED, overflow);
            case ArithmeticException division
            when isGuests(division) -> trap(TrapCode.INTEGER_DIVIDE_BY_ZERO, division);
            // Only that of the check before an access; an array's own is a fault of the engine.
            case IndexOutOfBoundsException access
            when access.getClass() == IndexOutOfBoundsException.class && isGuests(access) ->
                trap(TrapCode.MEMORY_OUT_OF_BOUNDS, access);
            default -> failure;
        };
    }

    private static Trap trap(TrapCode code, Throwable cause) {
        return new Trap(code, code.text(), frames(cause), null);
    }

    /** Whether an exception comes from a guest's own instruction, and not from a host function that it called. */
    private static boolean isGuests(Throwable failure) {
        for (StackTraceElement element : failure.getStackTrace()) {
            String name = element.getClassName();
            if (GuestLoader.named(element.getClassLoaderName()) != null) {
                return true;
            }
            boolean library = "java.base".equals(element.getModuleName());
            if (!library && !name.startsWith(ENGINE_RUNTIME)) {
                return false;
            }
        }
        // The JIT leaves the stack out of exceptions that are thrown again and again.
        return true;
    }

    private static List<WasmFrame> frames(Throwable failure) {
        List<WasmFrame> frames = new ArrayList<>();
        int piecesOf = -1;
        for (StackTraceElement element : failure.getStackTrace()) {
            GuestLoader loader = GuestLoader.named(element.getClassLoaderName());
            String method = element.getMethodName();
            char kind = method.charAt(0);
            if (loader == null || element.getLineNumber() <= 0 || (kind != 'f' && kind != 'b')) {
                continue;
            }
            int dollar = method.indexOf('$');
            int function = Integer.parseInt(method, 1, dollar < 0 ? method.length() : dollar, 10);
            // A function that is split shows as a frame for each of its methods; the innermost stands for all.
            if (piecesOf != function) {
                frames.add(frame(loader.layout(), function, loader.position(function, element)));
                if (frames.size() == MAX_FRAMES) {
                    break;
                }
            }
            piecesOf = dollar < 0 ? -1 : function;
        }
        return frames;
    }

    private static WasmFrame frame(ModuleLayout layout, int function, int position) {
        ModuleData data = layout.module();
        int index = function - data.importedFunctions();
        long offset = (long) data.code().get(index).body().start() + position;
        return new WasmFrame(data.names().module(), function, functionName(data, function), offset);
    }

    private static Optional<String> functionName(ModuleData data, int function) {
        String name = data.names().functions().get(function);
        if (name != null) {
            return Optional.of(name);
        }
        return data.exports().stream()
                .filter(e -> e.type() instanceof FuncType && e.index() == function)
                .map(ModuleData.Export::name)
                .findFirst();
    }
}
