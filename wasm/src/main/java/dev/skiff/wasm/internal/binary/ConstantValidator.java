package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.InvalidModuleException;
import dev.skiff.wasm.internal.binary.ModuleData.Range;
import java.util.Arrays;

/** Validates constant expressions (WebAssembly specification, section 3.3.13). Used by one thread. */
final class ConstantValidator {
    private final Definitions module;
    private final Reader in;
    private final Site site;
    private final TypeReader types;
    private int[] operands = new int[8];
    private int depth;
    private String use = "";

    ConstantValidator(Definitions module, Reader in, Site site, TypeReader types) {
        this.module = module;
        this.in = in;
        this.site = site;
        this.types = types;
    }

    /**
     * Reads a constant expression to its {@code end}. Globals that are not defined yet are unknown to it.
     *
     * @param expected the type of its value
     * @param use what the value is, for messages, such as "the offset of a segment"
     * @return where it stands
     */
    Range range(int expected, String use) {
        int start = in.position();
        validate(expected, use);
        return new Range(start, in.position());
    }

    /** As {@link #range}, without making a range. */
    void validate(int expected, String use) {
        if (expected == TypeCode.I32 && isPlainNumber()) {
            return;
        }
        this.use = use;
        depth = 0;
        int at = in.position();
        int op = in.op();
        while (op != Op.END) {
            instruction(op, at);
            at = in.position();
            op = in.op();
        }
        if (depth != 1 || !TypeCode.matches(operands[0], expected)) {
            throw site.invalid(
                    at,
                    "type mismatch: " + use + " must be one " + TypeCode.text(expected) + ", and the expression leaves "
                            + left());
        }
    }

    /** Passes over the expression if it is one {@code i32.const}, as almost every offset is; else stays before it. */
    private boolean isPlainNumber() {
        int start = in.position();
        if (in.peek() == Op.I32_CONST) {
            in.u8();
            in.s32();
            if (in.peek() == Op.END) {
                in.u8();
                return true;
            }
            in.range(start, in.end());
        }
        return false;
    }

    private void instruction(int op, int at) {
        switch (op) {
            case Op.I32_CONST -> {
                in.s32();
                push(TypeCode.I32, at);
            }
            case Op.I64_CONST -> {
                in.s64();
                push(TypeCode.I64, at);
            }
            case Op.F32_CONST -> {
                in.skip(4);
                push(TypeCode.F32, at);
            }
            case Op.F64_CONST -> {
                in.skip(8);
                push(TypeCode.F64, at);
            }
            case Op.REF_NULL -> {
                module.features.add(Feature.REFERENCE_TYPES);
                push(types.heap() | TypeCode.NULLABLE, at);
            }
            case Op.REF_FUNC -> functionReference(at);
            case Op.GLOBAL_GET -> global(at);
            case Op.I32_ADD, Op.I32_SUB, Op.I32_MUL -> arithmetic(op, TypeCode.I32, at);
            case Op.I64_ADD, Op.I64_SUB, Op.I64_MUL -> arithmetic(op, TypeCode.I64, at);
            default -> {
                if (!Instructions.isKnown(op)) {
                    throw Instructions.unknown(op, at, site);
                }
                throw site.invalid(
                        at, "constant expression required for " + use + ", and " + Op.name(op) + " is not constant");
            }
        }
    }

    private void functionReference(int at) {
        module.features.add(Feature.REFERENCE_TYPES);
        int function = in.u32();
        if (!module.functionTypes.has(function)) {
            throw unknown(at, "function", function);
        }
        module.referableFunctions.set(function);
        push(TypeCode.NON_NULL_FUNC, at);
    }

    private void global(int at) {
        int index = in.u32();
        if (!module.globalTypes.has(index)) {
            throw unknown(at, "global", index);
        }
        if (module.globalIsMutable(index)) {
            throw site.invalid(at, "constant expression required for " + use + ", and global " + index + " is mutable");
        }
        if (index >= module.importedGlobals) {
            module.features.add(Feature.EXTENDED_CONST);
        }
        push(module.globalTypes.get(index), at);
    }

    private void arithmetic(int op, int type, int at) {
        module.features.add(Feature.EXTENDED_CONST);
        if (depth < 2 || operands[depth - 1] != type || operands[depth - 2] != type) {
            throw site.invalid(
                    at,
                    "type mismatch in " + use + ": " + Op.name(op) + " needs two operands of type "
                            + TypeCode.text(type) + ", and the stack has " + left());
        }
        depth--;
    }

    private void push(int type, int at) {
        if (depth == operands.length) {
            if (depth >= Caps.CONSTANT_OPERANDS) {
                throw site.invalid(
                        at,
                        "a constant expression may have " + Caps.CONSTANT_OPERANDS
                                + " operands at a time in this engine");
            }
            operands = Arrays.copyOf(operands, Math.min(depth * 2, Caps.CONSTANT_OPERANDS));
        }
        operands[depth++] = type;
    }

    private InvalidModuleException unknown(int at, String thing, int index) {
        return site.invalid(at, "unknown " + thing + " " + Integer.toUnsignedString(index) + " in " + use);
    }

    private String left() {
        return TypeCode.text(Arrays.copyOf(operands, depth));
    }
}
