package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/**
 * The host's side of every program, the same for each engine: pure functions whose results depend on their arguments,
 * one that writes to and grows the first memory ({@value #POKE}), and one that calls the guest ({@value #CALLBACK}).
 * Keeps a hash of all calls. The JavaScript in oracle.js does the same.
 */
final class Host {
    static final String POKE = "poke";
    static final String CALLBACK = "callback";
    static final int I32_GLOBAL = 24;

    private int hash;
    private int calls;

    /** The value of an imported global. */
    static Value global(Type type) {
        return switch (type) {
            case I32 -> Value.i32(I32_GLOBAL);
            case I64 -> Value.i64(-5);
            case F32 -> Value.f32(Float.floatToRawIntBits(1.5f));
            case F64 -> Value.f64(Double.doubleToRawLongBits(-0.25));
            default -> Value.nothing(type);
        };
    }

    /** Notes a call and makes its results. */
    List<Value> call(String name, List<Value> args, List<Type> results) {
        int seed = text(0, name + " " + Value.join(args));
        hash = 31 * hash + seed;
        calls++;
        var values = new ArrayList<Value>();
        for (Type type : results) {
            seed = seed * 1_103_515_245 + 12_345;
            values.add(result(type, seed));
        }
        return values;
    }

    private static Value result(Type type, int seed) {
        return switch (type) {
            case I32 -> Value.i32(seed);
            case I64 -> Value.i64(seed * 0x9E37_79B9_7F4AL);
            case F32 -> Value.f32(Float.floatToRawIntBits(seed % 1_000 / 8f));
            case F64 -> Value.f64(Double.doubleToRawLongBits(seed / 8d));
            case EXTERNREF -> (seed & 1) == 0 ? Value.nothing(type) : Value.token(seed & 7);
            default -> Value.nothing(type);
        };
    }

    /** A hash of text, to be continued from another. */
    static int text(int start, String text) {
        int hash = start;
        for (int i = 0; i < text.length(); i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return hash;
    }

    /** A hash of bytes. */
    static int hash(byte[] bytes) {
        int hash = 1;
        for (byte b : bytes) {
            hash = 31 * hash + (b & 0xFF);
        }
        return hash;
    }

    /** How often it was called, and with what. */
    @Override
    public String toString() {
        return calls + " calls, hash " + hash;
    }
}
