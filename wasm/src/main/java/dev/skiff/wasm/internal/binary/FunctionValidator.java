package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.InvalidModuleException;

/**
 * Validates function bodies (WebAssembly specification, section 3.3 by the algorithm of appendix A.3) in one pass over
 * their bytes and without allocation per instruction. Used by one thread, for many functions in turn.
 *
 * <p>Methods here stay below 8,000 bytes of bytecode, else HotSpot would not compile them.
 */
final class FunctionValidator {
    private final Definitions module;
    private final Site site;
    private final Reader in;
    private final TypeReader types;
    private final ValidationStack stack;
    private final LocalTypes locals = new LocalTypes();
    private final ControlValidator control;
    private final StorageValidator storage;
    private final FeatureSet features = new FeatureSet();

    FunctionValidator(Definitions module, Site site) {
        this.module = module;
        this.site = site;
        this.in = new Reader(module.binary, 0, 0, site);
        this.types = new TypeReader(in, site, features);
        this.stack = new ValidationStack(site);
        this.control = new ControlValidator(module, in, site, types, stack, features);
        this.storage = new StorageValidator(module, in, stack, features, site);
    }

    /** What the functions so far need. */
    FeatureSet features() {
        return features;
    }

    /**
     * Validates a function.
     *
     * @param function its index among all functions
     * @param start where the declaration of its locals starts
     * @param end where its body ends
     */
    void validate(int function, int start, int end) {
        site.section("code");
        site.function(function);
        in.range(start, end);
        int type = module.functionTypes.get(function);
        locals.start(module.typeParameters.get(type));
        locals.read(in, types, site);
        control.start(module.typeResults.get(type), end - start);
        body();
        if (in.hasMore()) {
            throw site.malformed(
                    in.position(),
                    "section size mismatch: the instructions end " + in.remaining()
                            + " bytes before their function body does");
        }
    }

    private void body() {
        Reader in = this.in;
        ValidationStack stack = this.stack;
        while (true) {
            int at = in.position();
            int op = in.next();
            stack.instruction(op, at);
            switch (op) {
                case Op.LOCAL_GET -> stack.push(local());
                case Op.LOCAL_SET -> stack.pop(local());
                case Op.LOCAL_TEE -> {
                    int type = local();
                    stack.pop(type);
                    stack.push(type);
                }
                case Op.I32_CONST -> {
                    in.s32();
                    stack.push(TypeCode.I32);
                }
                case Op.I64_CONST -> {
                    in.s64();
                    stack.push(TypeCode.I64);
                }
                case Op.F32_CONST -> {
                    in.skip(4);
                    stack.push(TypeCode.F32);
                }
                case Op.F64_CONST -> {
                    in.skip(8);
                    stack.push(TypeCode.F64);
                }
                case Op.GLOBAL_GET -> stack.push(module.globalTypes.get(global()));
                case Op.GLOBAL_SET -> globalSet();
                case Op.BLOCK, Op.LOOP, Op.IF, Op.TRY_TABLE -> control.block(op);
                case Op.ELSE -> control.otherwise();
                case Op.END -> {
                    control.end();
                    if (!stack.isOpen()) {
                        return;
                    }
                }
                case Op.BR -> control.branch();
                case Op.BR_IF -> control.branchIf();
                case Op.BR_TABLE -> control.branchTable();
                case Op.RETURN -> control.leaveFunction();
                case Op.CALL -> control.call(control.functionType());
                case Op.CALL_INDIRECT -> control.call(control.indirectType());
                case Op.RETURN_CALL -> control.returnCall(control.functionType());
                case Op.RETURN_CALL_INDIRECT -> control.returnCall(control.indirectType());
                case Op.DROP -> stack.popAny();
                case Op.SELECT -> select();
                case Op.NOP -> {}
                case Op.UNREACHABLE -> stack.markUnreachable();
                case -1 -> throw site.malformed(at, "END opcode expected: the body ends within a block");
                default -> numericOrRare(op, at);
            }
        }
    }

    private void numericOrRare(int op, int at) {
        int shape = Instructions.shape(op);
        switch (Instructions.kind(shape)) {
            case Instructions.UNARY -> {
                stack.pop(Instructions.operand(shape));
                stack.push(Instructions.result(shape));
                if (op >= Op.I32_EXTEND8_S) {
                    features.add(Feature.SIGN_EXTENSION);
                }
            }
            case Instructions.BINARY -> {
                int operand = Instructions.operand(shape);
                stack.pop(operand);
                stack.pop(operand);
                stack.push(Instructions.result(shape));
            }
            case Instructions.LOAD -> {
                storage.access(Instructions.naturalAlignment(shape));
                stack.pop(TypeCode.I32);
                stack.push(Instructions.result(shape));
            }
            case Instructions.STORE -> {
                storage.access(Instructions.naturalAlignment(shape));
                stack.pop(Instructions.operand(shape));
                stack.pop(TypeCode.I32);
            }
            default -> rare(op, at);
        }
    }

    private void rare(int first, int at) {
        int op = in.rest(first);
        stack.instruction(op, at);
        switch (op) {
            case Op.SELECT_T -> typedSelect();
            case Op.THROW -> control.throwTag();
            case Op.THROW_REF -> control.throwReference();
            case Op.REF_NULL -> {
                features.add(Feature.REFERENCE_TYPES);
                stack.push(types.heap() | TypeCode.NULLABLE);
            }
            case Op.REF_IS_NULL -> isNull();
            case Op.REF_FUNC -> functionReference();
            default -> storage.instruction(op, at);
        }
    }

    private int local() {
        int index = in.u32();
        int type = locals.type(index);
        if (type < 0) {
            throw unknown("local", index, locals.count());
        }
        return type;
    }

    private int global() {
        int index = in.u32();
        if (!module.globalTypes.has(index)) {
            throw unknown("global", index, module.globalTypes.size());
        }
        return index;
    }

    private void globalSet() {
        int index = global();
        if (!module.globalIsMutable(index)) {
            throw stack.invalid("immutable global " + index + " must not be set");
        }
        stack.pop(module.globalTypes.get(index));
    }

    private void select() {
        stack.pop(TypeCode.I32);
        int second = stack.popAny();
        int first = stack.popAny();
        if (TypeCode.isRef(first) || TypeCode.isRef(second)) {
            throw stack.invalid("type mismatch: select without a type chooses between numbers, and finds "
                    + TypeCode.text(TypeCode.isRef(first) ? first : second));
        }
        if (first != second && first != TypeCode.UNKNOWN && second != TypeCode.UNKNOWN) {
            throw stack.mismatch(first, second);
        }
        stack.push(first == TypeCode.UNKNOWN ? second : first);
    }

    private void typedSelect() {
        features.add(Feature.REFERENCE_TYPES);
        int[] result = types.result("types");
        if (result.length != 1) {
            throw stack.invalid("invalid result arity: select chooses one value, and here declares " + result.length);
        }
        stack.pop(TypeCode.I32);
        stack.pop(result[0]);
        stack.pop(result[0]);
        stack.push(result[0]);
    }

    private void isNull() {
        features.add(Feature.REFERENCE_TYPES);
        int type = stack.popAny();
        if (type != TypeCode.UNKNOWN && !TypeCode.isRef(type)) {
            throw stack.invalid("type mismatch: ref.is_null needs a reference, and finds " + TypeCode.text(type));
        }
        stack.push(TypeCode.I32);
    }

    private void functionReference() {
        features.add(Feature.REFERENCE_TYPES);
        int function = in.u32();
        if (!module.functionTypes.has(function)) {
            throw unknown("function", function, module.functionTypes.size());
        }
        if (!module.referableFunctions.get(function)) {
            throw stack.invalid("undeclared function reference: function " + function + " is named by no element "
                    + "segment, global or export, so ref.func must not name it");
        }
        stack.push(TypeCode.NON_NULL_FUNC);
    }

    private InvalidModuleException unknown(String thing, int index, int present) {
        return stack.unknown(thing, index, present);
    }
}
