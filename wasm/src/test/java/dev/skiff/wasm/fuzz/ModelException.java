package dev.skiff.wasm.fuzz;

import java.util.List;

/** An exception that a program threw in the model. */
final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final transient Entity.Tag tag;
    final transient List<Object> payload;

    ModelException(Entity.Tag tag, List<Object> payload) {
        super(null, null, false, false);
        this.tag = tag;
        this.payload = payload;
    }
}
