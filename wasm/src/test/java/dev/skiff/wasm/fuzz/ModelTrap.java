package dev.skiff.wasm.fuzz;

/** A trap in the model, by the name of its {@link dev.skiff.wasm.TrapCode}. */
final class ModelTrap extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ModelTrap(String code) {
        super(code, null, false, false);
    }
}
