package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.internal.binary.ModuleData.Data;
import dev.skiff.wasm.internal.binary.ModuleData.Mode;
import dev.skiff.wasm.internal.binary.ModuleData.Range;
import java.util.AbstractList;
import java.util.Optional;
import java.util.RandomAccess;

/**
 * The data segments of a module, as numbers: some toolchains write a hundred thousand of them, and who asks for one
 * gets it made. Immutable and thread-safe once it is filled.
 */
final class DataSegments extends AbstractList<Data> implements RandomAccess {
    private static final int FIELDS = 5;

    private final int[] fields;

    DataSegments(int count) {
        fields = new int[count * FIELDS];
    }

    /**
     * Says where a segment stands.
     *
     * @param memory index of the memory; -1 if the segment is passive
     * @param offsetStart where the expression of the offset starts, if it is active; likewise its end
     */
    void place(int index, int memory, int offsetStart, int offsetEnd, int start, int end) {
        int at = index * FIELDS;
        fields[at] = memory;
        fields[at + 1] = offsetStart;
        fields[at + 2] = offsetEnd;
        fields[at + 3] = start;
        fields[at + 4] = end;
    }

    @Override
    public Data get(int index) {
        int at = Math.multiplyExact(index, FIELDS);
        Range bytes = new Range(fields[at + 3], fields[at + 4]);
        return fields[at] < 0
                ? new Data(Mode.PASSIVE, 0, Optional.empty(), bytes)
                : new Data(Mode.ACTIVE, fields[at], Optional.of(new Range(fields[at + 1], fields[at + 2])), bytes);
    }

    @Override
    public int size() {
        return fields.length / FIELDS;
    }
}
