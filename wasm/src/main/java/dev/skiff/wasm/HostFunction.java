package dev.skiff.wasm;

/**
 * A function of the host in its convenient, boxing form; {@link Linker#func(String, String, FuncType,
 * java.lang.invoke.MethodHandle)} takes the fast form.
 */
@FunctionalInterface
public interface HostFunction {
    /**
     * Called by a guest, on the guest's thread.
     *
     * @param caller the instance that called
     * @param args boxed arguments that match the function's type: Integer, Long, Float, Double, {@link Func}, any object
     *     or null for a null reference
     * @return boxed results that match the function's type; an empty array for none
     */
    Object[] call(Instance caller, Object... args);
}
