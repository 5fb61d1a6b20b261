package dev.skiff.host;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.ModuleException;

/** Turns a source into a module, or says in a sentence why it is none. */
public final class ModuleLoader {
    private ModuleLoader() {}

    /**
     * Reads, decodes and validates a module.
     *
     * @throws NotFoundException if the source has nothing
     * @throws NotRunnableException if it is no module that the engine can run
     */
    public static Module load(Engine engine, ModuleSource source) {
        return load(engine, source.read());
    }

    static Module load(Engine engine, byte[] bytes) {
        FileKind kind = FileKind.of(bytes);
        switch (kind) {
            case MODULE -> {}
            case COMPONENT ->
                throw new NotRunnableException(
                        "it is a WebAssembly component, and so far Skiff runs core modules only");
            case MODULE_TEXT ->
                throw new NotRunnableException(
                        "it is " + kind.text() + "; assemble it first, for example with wat2wasm or wasm-tools parse");
            case EMPTY, CUT_OFF_WASM, UNKNOWN_WASM -> throw new NotRunnableException("it is " + kind.text());
            case UNKNOWN ->
                throw new NotRunnableException(
                        "it is no WebAssembly module: it starts with the bytes " + firstBytes(bytes));
            default -> throw new NotRunnableException("it is no WebAssembly module, but " + kind.text());
        }
        try {
            return engine.compile(bytes);
        } catch (ModuleException e) {
            throw new NotRunnableException(e.getMessage(), e);
        }
    }

    private static String firstBytes(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(4, bytes.length); i++) {
            String digits = Integer.toHexString(bytes[i] & 0xff);
            text.append(i == 0 ? "" : " ")
                    .append(digits.length() == 1 ? "0" : "")
                    .append(digits);
        }
        return text.toString();
    }
}
