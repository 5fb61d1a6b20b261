package dev.skiff.wasm;

import java.util.List;

/** A guest was stopped; it cannot catch this. Its instance stays usable as far as the guest left its state sound. */
public final class Trap extends WasmError {
    private static final long serialVersionUID = 1L;

    private final TrapCode code;
    private transient List<WasmFrame> backtrace;

    /**
     * Creates a trap; host functions may throw one to stop their caller (the engine then adds the backtrace).
     *
     * @param code why
     */
    public Trap(TrapCode code) {
        this(code, code.text(), List.of(), null);
    }

    /**
     * Creates a trap.
     *
     * @param code why
     * @param message a sentence with more than the code says
     */
    public Trap(TrapCode code, String message) {
        this(code, message, List.of(), null);
    }

    Trap(TrapCode code, String message, List<WasmFrame> backtrace, Throwable cause) {
        super(message, cause, true);
        this.code = code;
        this.backtrace = List.copyOf(backtrace);
    }

    /** Why the guest was stopped. */
    public TrapCode code() {
        return code;
    }

    /** The guest's frames, innermost first; at most 64, the outermost are left out. */
    public List<WasmFrame> backtrace() {
        return backtrace;
    }

    void setBacktrace(List<WasmFrame> frames) {
        backtrace = List.copyOf(frames);
    }
}
