package dev.skiff.wasm;

/**
 * The instance whose code calls a function of the host, as the function's last argument: see {@link Linker#func(String,
 * String, FuncType, java.lang.invoke.MethodHandle)}. Belongs to the store, and is of no use once the call has returned.
 */
public abstract class Caller {
    /** Set before any code of the instance runs. */
    Instance instance;

    /** For generated code only. */
    protected Caller() {}

    /** The instance. */
    public final Instance instance() {
        return instance;
    }

    /** The store that it lives in. */
    public final Store store() {
        return instance.store();
    }

    /**
     * Its memory, as {@link Instance#memory()}.
     *
     * @throws LinkException if the module exports no memory of the name {@code memory}
     */
    public final Memory memory() {
        return instance.memory();
    }
}
