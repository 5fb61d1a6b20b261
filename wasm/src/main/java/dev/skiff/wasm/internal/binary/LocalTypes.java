package dev.skiff.wasm.internal.binary;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The locals of a function (WebAssembly specification, section 5.5.13): parameters and runs of declared ones. A run is
 * kept as a run, so that few bytes that declare many locals cost little. Used by one thread, for many functions in
 * turn.
 */
final class LocalTypes {
    private final int[] first = new int[64];
    private int[] ends = new int[16];
    private int[] types = new int[16];
    private int runs;
    private int[] parameters = {};
    private int parameterRuns;
    private int count;

    /** Starts a function with these parameters. */
    void start(int[] parameters) {
        if (parameters == this.parameters) {
            runs = parameterRuns;
            count = parameters.length;
            return;
        }
        this.parameters = parameters;
        runs = 0;
        count = 0;
        for (int type : parameters) {
            add(1, type);
        }
        parameterRuns = runs;
    }

    /** Reads the declaration at the start of a body. */
    void read(Reader in, TypeReader typeReader, Site site) {
        int listAt = in.position();
        int declarations = in.u32();
        if (Integer.compareUnsigned(declarations, in.remaining()) > 0) {
            throw site.malformed(
                    listAt,
                    "unexpected end: " + Integer.toUnsignedString(declarations)
                            + " runs of locals are declared, but only " + in.remaining() + " bytes are left");
        }
        int parameters = count;
        long total = 0;
        for (int i = 0; i < declarations; i++) {
            int at = in.position();
            long run = Integer.toUnsignedLong(in.u32());
            total += run;
            if (total > 0xFFFF_FFFFL) {
                throw site.malformed(at, "too many locals: more than 4294967295");
            }
            int type = typeReader.value();
            if (run > 0 && total <= Caps.LOCALS) {
                add((int) run, type);
            }
        }
        if (total > Caps.LOCALS) {
            throw site.invalid(
                    listAt,
                    "too many locals: a function may have " + Caps.LOCALS + " in this engine, and this one has " + total
                            + " beside its " + parameters + " parameters");
        }
    }

    private void add(int number, int type) {
        if (count < first.length) {
            Arrays.fill(first, count, Math.min(first.length, count + number), type);
        }
        if (runs == ends.length) {
            ends = Arrays.copyOf(ends, runs * 2);
            types = Arrays.copyOf(types, runs * 2);
        }
        count += number;
        ends[runs] = count;
        types[runs] = type;
        runs++;
    }

    /** The type of a local, or -1 if there is none with this number. */
    int type(int index) {
        if (Integer.compareUnsigned(index, count) >= 0) {
            return -1;
        }
        return index < first.length ? first[index] : search(index);
    }

    private int search(int index) {
        int run = Arrays.binarySearch(ends, 0, runs, index);
        return types[run >= 0 ? run + 1 : -run - 1];
    }

    /** How many locals there are, parameters included. */
    int count() {
        return count;
    }

    /** The declared locals, without parameters. */
    List<ModuleData.LocalRun> declared() {
        if (runs == parameterRuns) {
            return List.of();
        }
        List<ModuleData.LocalRun> declared = new ArrayList<>(runs - parameterRuns);
        int from = parameterRuns == 0 ? 0 : ends[parameterRuns - 1];
        for (int run = parameterRuns; run < runs; run++) {
            declared.add(new ModuleData.LocalRun(ends[run] - from, TypeCode.type(types[run])));
            from = ends[run];
        }
        return List.copyOf(declared);
    }
}
