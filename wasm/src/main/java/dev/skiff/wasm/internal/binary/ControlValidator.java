package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.InvalidModuleException;

/**
 * Validates blocks, branches, calls and exceptions (WebAssembly specification, section 3.3.8). A part of
 * {@link FunctionValidator}.
 */
final class ControlValidator {
    private static final int[] NONE = {};

    private final Definitions module;
    private final Reader in;
    private final Site site;
    private final TypeReader types;
    private final ValidationStack stack;
    private final FeatureSet features;
    private int[] functionResults = NONE;

    ControlValidator(
            Definitions module, Reader in, Site site, TypeReader types, ValidationStack stack, FeatureSet features) {
        this.module = module;
        this.in = in;
        this.site = site;
        this.types = types;
        this.stack = stack;
        this.features = features;
    }

    /** Starts a function with these results and a body of so many bytes. */
    void start(int[] results, int bytes) {
        functionResults = results;
        stack.start(results, bytes);
    }

    /** {@code return}. */
    void leaveFunction() {
        stack.pop(functionResults);
        stack.markUnreachable();
    }

    /** {@code br}. */
    void branch() {
        stack.pop(stack.label(in.u32()));
        stack.markUnreachable();
    }

    /** {@code block}, {@code loop}, {@code if} and {@code try_table}. */
    void block(int op) {
        int[] parameters = NONE;
        int[] results;
        int next = in.peek();
        if (next == 0x40) {
            in.u8();
            results = NONE;
        } else if (next > 0x40 && next < 0x80) {
            results = TypeCode.alone(types.value());
        } else {
            int index = typeIndex(in.s33());
            parameters = module.typeParameters.get(index);
            results = module.typeResults.get(index);
            features.add(Feature.MULTI_VALUE);
        }
        if (op == Op.TRY_TABLE) {
            catches();
        } else if (op == Op.IF) {
            stack.pop(TypeCode.I32);
        }
        stack.pop(parameters);
        stack.enter(op, parameters, results);
    }

    private int typeIndex(long number) {
        if (number < 0) {
            throw site.malformed(in.position(), "malformed block type: there is none with the number " + number);
        }
        if (number >= module.types.size()) {
            throw unknown("type", (int) number, module.types.size());
        }
        return (int) number;
    }

    /** The handlers of a try_table (section 3.3.8.3); their labels do not count the block itself. */
    private void catches() {
        features.add(Feature.EXCEPTIONS);
        int at = in.position();
        int count = in.u32();
        if (Integer.compareUnsigned(count, in.remaining()) > 0) {
            throw site.malformed(
                    at,
                    "unexpected end: try_table declares " + Integer.toUnsignedString(count) + " handlers, but only "
                            + in.remaining() + " bytes are left");
        }
        for (int i = 0; i < count; i++) {
            int kindAt = in.position();
            int kind = in.u8();
            if (kind > 3) {
                throw site.malformed(kindAt, "malformed catch clause kind 0x" + Integer.toHexString(kind));
            }
            int[] payload = (kind & 2) == 0 ? tagParameters() : NONE;
            requireHandlerMatches(payload, (kind & 1) != 0, stack.label(in.u32()));
        }
    }

    private void requireHandlerMatches(int[] payload, boolean reference, int[] label) {
        stack.work(payload.length);
        int length = payload.length + (reference ? 1 : 0);
        boolean matches =
                label.length == length && (!reference || TypeCode.matches(TypeCode.NON_NULL_EXN, label[length - 1]));
        for (int i = 0; matches && i < payload.length; i++) {
            matches = TypeCode.matches(payload[i], label[i]);
        }
        if (!matches) {
            throw stack.invalid("type mismatch: a handler of try_table delivers " + TypeCode.text(payload)
                    + (reference ? " and an exception reference" : "") + " to a label that takes "
                    + TypeCode.text(label));
        }
    }

    private int[] tagParameters() {
        int tag = in.u32();
        if (!module.tagTypes.has(tag)) {
            throw unknown("tag", tag, module.tagTypes.size());
        }
        return module.typeParameters.get(module.tagTypes.get(tag));
    }

    /** {@code throw_ref}. */
    void throwReference() {
        features.add(Feature.EXCEPTIONS);
        stack.pop(TypeCode.EXNREF);
        stack.markUnreachable();
    }

    /** {@code throw}. */
    void throwTag() {
        features.add(Feature.EXCEPTIONS);
        stack.pop(tagParameters());
        stack.markUnreachable();
    }

    /** {@code else}. */
    void otherwise() {
        if (stack.opener() != Op.IF) {
            throw site.malformed(in.position() - 1, "else stands in no if");
        }
        int[] parameters = stack.parameters();
        int[] results = stack.results();
        stack.leave();
        stack.enter(Op.ELSE, parameters, results);
    }

    /** {@code end}. */
    void end() {
        int[] results = stack.results();
        if (stack.opener() == Op.IF && !TypeCode.matches(stack.parameters(), results)) {
            throw stack.invalid("type mismatch: an if without else leaves what it takes, "
                    + TypeCode.text(stack.parameters()) + ", and its results are " + TypeCode.text(results));
        }
        stack.leave();
        if (stack.isOpen()) {
            stack.push(results);
        }
    }

    /** {@code br_if}. */
    void branchIf() {
        int[] label = stack.label(in.u32());
        stack.pop(TypeCode.I32);
        stack.pop(label);
        stack.push(label);
    }

    /** {@code br_table}. */
    void branchTable() {
        stack.pop(TypeCode.I32);
        int at = in.position();
        int count = in.u32();
        if (Integer.compareUnsigned(count, in.remaining()) > 0) {
            throw site.malformed(
                    at,
                    "unexpected end: br_table declares " + Integer.toUnsignedString(count) + " labels, but only "
                            + in.remaining() + " bytes are left");
        }
        int[] checked = null;
        for (int i = 0; i <= count; i++) {
            int[] label = stack.label(in.u32());
            if (label == checked) {
                continue;
            }
            if (checked != null && label.length != checked.length) {
                throw stack.invalid("type mismatch: the labels of br_table take different numbers of operands, "
                        + TypeCode.text(checked) + " and " + TypeCode.text(label));
            }
            stack.require(label);
            checked = label;
        }
        stack.markUnreachable();
    }

    /** The immediate of a direct call, as the index of the type that is called. */
    int functionType() {
        int function = in.u32();
        if (!module.functionTypes.has(function)) {
            throw unknown("function", function, module.functionTypes.size());
        }
        return module.functionTypes.get(function);
    }

    /** The immediates of an indirect call, likewise. */
    int indirectType() {
        int type = in.u32();
        if (!module.hasType(type)) {
            throw unknown("type", type, module.types.size());
        }
        int table = tableIndex();
        if (!TypeCode.matches(module.tableTypes.get(table), TypeCode.FUNCREF)) {
            throw stack.invalid("type mismatch: an indirect call needs a table of funcref, and table " + table
                    + " holds " + TypeCode.text(module.tableTypes.get(table)));
        }
        if (table != 0) {
            features.add(Feature.REFERENCE_TYPES);
        }
        stack.pop(TypeCode.I32);
        return type;
    }

    private int tableIndex() {
        int table = in.u32();
        if (!module.tableTypes.has(table)) {
            throw unknown("table", table, module.tableTypes.size());
        }
        return table;
    }

    /** A call of a function of the type, whose index on the table, if any, was taken. */
    void call(int type) {
        stack.pop(module.typeParameters.get(type));
        stack.push(module.typeResults.get(type));
    }

    /** A tail call, likewise. */
    void returnCall(int type) {
        features.add(Feature.TAIL_CALLS);
        int[] results = module.typeResults.get(type);
        stack.work(results.length);
        if (!TypeCode.matches(results, functionResults)) {
            throw stack.invalid("type mismatch: a tail call to a function with the results " + TypeCode.text(results)
                    + " stands in a function with the results " + TypeCode.text(functionResults));
        }
        stack.pop(module.typeParameters.get(type));
        stack.markUnreachable();
    }

    private InvalidModuleException unknown(String thing, int index, int present) {
        return stack.unknown(thing, index, present);
    }
}
