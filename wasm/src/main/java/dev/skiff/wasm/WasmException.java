package dev.skiff.wasm;

import dev.skiff.wasm.internal.runtime.Payloads;
import java.util.Arrays;
import java.util.List;

/**
 * An exception thrown by a guest (WebAssembly specification, section 4.2.14): seen by the host when no guest function
 * caught it, and thrown by host functions that want guests to catch it. Carries no Java stack trace.
 */
public final class WasmException extends WasmError {
    private static final long serialVersionUID = 1L;

    static {
        Payloads.setReader(exception -> exception.payload);
    }

    private final transient Tag tag;
    private final transient Object[] payload;

    /**
     * Creates an exception; host functions may throw it into a guest.
     *
     * @param tag its tag
     * @param payload boxed values that match the tag's signature
     */
    public WasmException(Tag tag, Object... payload) {
        super("uncaught WebAssembly exception", null, false);
        this.tag = tag;
        this.payload = payload.clone();
        for (int i = 0; i < payload.length; i++) {
            if (payload[i] instanceof Func func) {
                this.payload[i] = func.reference();
            }
        }
    }

    /** The tag. */
    public Tag tag() {
        return tag;
    }

    /** The values it carries, boxed, in the order of the tag's parameters; null references are null elements. */
    public List<Object> payload() {
        return Arrays.stream(payload).map(Values::toPublic).toList();
    }
}
