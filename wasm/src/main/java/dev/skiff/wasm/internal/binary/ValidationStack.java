package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.InvalidModuleException;
import java.util.Arrays;

/**
 * The operand stack and the control stack of the validation algorithm (WebAssembly specification, appendix A.3), in
 * arrays of primitives. Holds the current instruction for messages. Used by one thread, for many functions in turn.
 */
final class ValidationStack {
    private static final int BOTTOM = -1;

    private final Site site;

    /** Each block's operands stand on a {@link #BOTTOM}, which no operand's type equals. */
    private int[] operands = new int[256];

    private int size;

    /** Control frames: {@code [0..depth)} are open. The innermost one's height and state are in the fields below. */
    private int depth;

    private int[] opcodes = new int[64];
    private int[] heights = new int[64];
    private int[][] starts = new int[64][];
    private int[][] ends = new int[64][];
    private boolean[] unreachables = new boolean[64];

    private int floor;
    private boolean unreachable;

    /** How many more operands may be taken and made ({@link Caps#WORK_PER_BYTE}). */
    private long work;

    private int op;
    private int offset;

    ValidationStack(Site site) {
        this.site = site;
    }

    /**
     * Starts a function: its outermost frame, whose label is that of {@code return}.
     *
     * @param bytes how long the body is
     */
    void start(int[] results, int bytes) {
        work = Caps.WORK + (long) bytes * Caps.WORK_PER_BYTE;
        size = 0;
        depth = 0;
        floor = 0;
        unreachable = false;
        enter(Op.BLOCK, new int[0], results);
    }

    /** Sets the instruction that messages speak of. */
    void instruction(int op, int offset) {
        this.op = op;
        this.offset = offset;
    }

    void push(int type) {
        if (size == operands.length) {
            growOperands();
        }
        operands[size++] = type;
    }

    private void growOperands() {
        if (size >= Caps.OPERANDS) {
            throw invalid("a function may have " + Caps.OPERANDS + " operands on the stack in this engine");
        }
        operands = Arrays.copyOf(operands, Math.min(size * 2, Caps.OPERANDS));
    }

    /** Takes an operand that matches the type. */
    void pop(int expected) {
        int top = size - 1;
        if (operands[top] == expected) {
            size = top;
        } else {
            popOther(expected);
        }
    }

    private void popOther(int expected) {
        if (size == floor && !unreachable) {
            throw invalid("type mismatch: " + Op.name(op) + " needs " + article(expected)
                    + ", and the stack of its block" + " is empty");
        }
        int actual = popAny();
        if (!TypeCode.matches(actual, expected)) {
            throw mismatch(expected, actual);
        }
    }

    /** Takes an operand of any type; {@link TypeCode#UNKNOWN} where unreachable code makes one up. */
    int popAny() {
        if (size == floor) {
            if (unreachable) {
                return TypeCode.UNKNOWN;
            }
            throw invalid("type mismatch: " + Op.name(op) + " needs an operand, and the stack of its block is empty");
        }
        return operands[--size];
    }

    /** Takes operands of these types, the last one from the top. */
    void pop(int[] expected) {
        work(expected.length);
        for (int i = expected.length - 1; i >= 0; i--) {
            pop(expected[i]);
        }
    }

    void push(int[] types) {
        work(types.length);
        for (int type : types) {
            push(type);
        }
    }

    /** Requires what {@link #pop(int[])} does and takes nothing. */
    void require(int[] expected) {
        work(expected.length);
        int at = size;
        for (int i = expected.length - 1; i >= 0; i--) {
            if (--at < floor) {
                if (unreachable) {
                    return;
                }
                throw invalid("type mismatch: " + Op.name(op) + " needs operands " + TypeCode.text(expected)
                        + ", and the stack of its block has " + (size - floor));
            }
            if (!TypeCode.matches(operands[at], expected[i])) {
                throw mismatch(expected[i], operands[at]);
            }
        }
    }

    /** Accounts for going through so many operands. */
    void work(int number) {
        work -= number;
        if (work < 0) {
            throw invalid(
                    "a function may take and make " + Caps.WORK_PER_BYTE + " operands for each byte in this engine");
        }
    }

    /** Opens a block whose parameters were taken. */
    void enter(int opcode, int[] parameters, int[] results) {
        if (depth == heights.length) {
            growFrames();
        }
        if (depth > 0) {
            unreachables[depth - 1] = unreachable;
        }
        push(BOTTOM);
        opcodes[depth] = opcode;
        heights[depth] = size;
        starts[depth] = parameters;
        ends[depth] = results;
        depth++;
        floor = size;
        unreachable = false;
        push(parameters);
    }

    private void growFrames() {
        if (depth >= Caps.NESTING) {
            throw invalid("a function may have " + Caps.NESTING + " blocks within each other in this engine");
        }
        int length = Math.min(depth * 2, Caps.NESTING);
        opcodes = Arrays.copyOf(opcodes, length);
        heights = Arrays.copyOf(heights, length);
        starts = Arrays.copyOf(starts, length);
        ends = Arrays.copyOf(ends, length);
        unreachables = Arrays.copyOf(unreachables, length);
    }

    /** The opcode that opened the innermost block. */
    int opener() {
        return opcodes[depth - 1];
    }

    /** The innermost block's parameters. */
    int[] parameters() {
        return starts[depth - 1];
    }

    /** The innermost block's results. */
    int[] results() {
        return ends[depth - 1];
    }

    /** Closes the innermost block: its results, and nothing else, must be on the stack; they are taken. */
    void leave() {
        pop(ends[depth - 1]);
        if (size != floor) {
            throw invalid("type mismatch: at the end of a block with the results " + TypeCode.text(ends[depth - 1])
                    + " the stack has " + (size - floor) + " more, the top one " + TypeCode.text(operands[size - 1]));
        }
        size = floor - 1;
        depth--;
        if (depth > 0) {
            floor = heights[depth - 1];
            unreachable = unreachables[depth - 1];
        }
    }

    /** Whether a block, or the function itself, is open. */
    boolean isOpen() {
        return depth > 0;
    }

    /** The rest of the innermost block is unreachable: its operands are dropped, and any others come from nowhere. */
    void markUnreachable() {
        size = floor;
        unreachable = true;
    }

    /** Types that a branch to a label, 0 being the innermost block, carries. */
    int[] label(int index) {
        if (index < 0 || index >= depth) {
            throw invalid("unknown label " + Integer.toUnsignedString(index) + " in " + Op.name(op) + "; there are "
                    + depth + " here");
        }
        int frame = depth - 1 - index;
        return opcodes[frame] == Op.LOOP ? starts[frame] : ends[frame];
    }

    /** The error for the current instruction. */
    InvalidModuleException invalid(String rule) {
        return site.invalid(offset, rule);
    }

    /** The error for an index that names nothing. */
    InvalidModuleException unknown(String thing, int index, int present) {
        return invalid("unknown " + thing + " " + Integer.toUnsignedString(index) + " in " + Op.name(op) + "; "
                + (present == 0 ? "there are none" : "the last one is " + (present - 1)));
    }

    InvalidModuleException mismatch(int expected, int actual) {
        return invalid("type mismatch: " + Op.name(op) + " needs " + article(expected) + ", and finds "
                + TypeCode.text(actual));
    }

    private static String article(int expected) {
        return "an operand of type " + TypeCode.text(expected);
    }
}
