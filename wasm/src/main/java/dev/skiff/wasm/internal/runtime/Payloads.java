package dev.skiff.wasm.internal.runtime;

import dev.skiff.wasm.WasmException;
import java.util.function.Function;

/** Lets generated code take the values out of an exception as it has them, while embedders see them as they know them. */
public final class Payloads {
    private static Function<WasmException, Object[]> reader;

    private Payloads() {}

    /** Set by {@link WasmException} when its class is initialised, before there is any exception. */
    public static void setReader(Function<WasmException, Object[]> payloadOf) {
        reader = payloadOf;
    }

    static Object get(WasmException exception, int index) {
        return reader.apply(exception)[index];
    }
}
