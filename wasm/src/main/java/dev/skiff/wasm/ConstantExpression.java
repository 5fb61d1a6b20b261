package dev.skiff.wasm;

import static dev.skiff.wasm.internal.binary.Op.*;

import dev.skiff.wasm.internal.binary.ModuleData;
import dev.skiff.wasm.internal.binary.Reader;
import dev.skiff.wasm.internal.runtime.GuestInstance;

/** Evaluates constant expressions (specification, section 3.3.10) of validated modules. */
final class ConstantExpression {
    private final Reader in;
    private final GuestInstance instance;
    private final GlobalValues globals;
    private long[] numbers = new long[8];
    private int height;
    private Object reference;

    /** Values of globals by index, as far as they are known: bits of numbers, and references. */
    record GlobalValues(long[] bits, Object[] references) {}

    private ConstantExpression(byte[] binary, ModuleData.Range range, GuestInstance instance, GlobalValues globals) {
        in = new Reader(binary, range.start(), range.end());
        this.instance = instance;
        this.globals = globals;
        evaluate();
    }

    /** Whether an expression has the same value in every instance. */
    static boolean isConstant(ModuleData module, ModuleData.Range range) {
        Reader in = new Reader(module.binary(), range.start(), range.end());
        while (in.hasMore()) {
            switch (in.op()) {
                case GLOBAL_GET, REF_FUNC, REF_NULL -> {
                    return false;
                }
                case I32_CONST -> in.s32();
                case I64_CONST -> in.s64();
                case F32_CONST -> in.skip(4);
                case F64_CONST -> in.skip(8);
                default -> {}
            }
        }
        return true;
    }

    /** The bits of a number that is the same in every instance. */
    static long constant(ModuleData module, ModuleData.Range range) {
        return new ConstantExpression(module.binary(), range, null, null).numbers[0];
    }

    /** The bits of a number in an instance whose globals are set. */
    static long number(ModuleData.Range range, GuestInstance instance) {
        return new ConstantExpression(instance.module.binary(), range, instance, null).numbers[0];
    }

    /** A reference in an instance whose globals are set. */
    static Object reference(ModuleData.Range range, GuestInstance instance) {
        return new ConstantExpression(instance.module.binary(), range, instance, null).reference;
    }

    /** Sets a global in {@code globals} to an expression over those before it. */
    static void evaluate(int global, ModuleData.Range range, GuestInstance instance, GlobalValues globals) {
        ConstantExpression value = new ConstantExpression(instance.module.binary(), range, instance, globals);
        globals.bits()[global] = value.numbers[0];
        globals.references()[global] = value.reference;
    }

    private void evaluate() {
        while (true) {
            int op = in.op();
            switch (op) {
                case END -> {
                    return;
                }
                case I32_CONST -> push(in.s32());
                case I64_CONST -> push(in.s64());
                case F32_CONST -> push(in.f32Bits());
                case F64_CONST -> push(in.f64Bits());
                case GLOBAL_GET -> global(in.u32());
                case REF_FUNC -> reference = instance.function(in.u32());
                case REF_NULL -> {
                    in.s33();
                    reference = null;
                }
                default -> arithmetic(op);
            }
        }
    }

    private void global(int index) {
        if (globals != null) {
            push(globals.bits()[index]);
            reference = globals.references()[index];
        } else if (instance.cells[index] != null) {
            push(instance.cells[index].bits);
            reference = instance.cells[index].reference;
        } else if (instance.instance().module().isReferenceGlobal(index)) {
            reference = instance.globalReference(index);
        } else {
            push(instance.globalBits(index));
        }
    }

    private void push(long bits) {
        if (height == numbers.length) {
            numbers = java.util.Arrays.copyOf(numbers, height * 2);
        }
        numbers[height++] = bits;
    }

    private void arithmetic(int op) {
        long b = numbers[--height];
        long a = numbers[--height];
        push(
                switch (op) {
                    case I32_ADD -> (int) a + (int) b;
                    case I32_SUB -> (int) a - (int) b;
                    case I32_MUL -> (int) a * (int) b;
                    case I64_ADD -> a + b;
                    case I64_SUB -> a - b;
                    case I64_MUL -> a * b;
                    default -> throw new IllegalStateException("no constant instruction: " + name(op));
                });
    }
}
