package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.internal.binary.ModuleData.Code;
import dev.skiff.wasm.internal.binary.ModuleData.Range;
import java.util.AbstractList;
import java.util.Map;
import java.util.RandomAccess;

/**
 * The bodies of a module's functions, as ranges. The declaration of a body's locals is read when the body is asked for,
 * so that reading the code section is only a skip from size to size. Immutable and thread-safe once it is filled.
 */
final class Bodies extends AbstractList<Code> implements RandomAccess {
    private final byte[] binary;
    private final int[] starts;
    private final int[] ends;

    Bodies(byte[] binary, int count) {
        this.binary = binary;
        this.starts = new int[count];
        this.ends = new int[count];
    }

    /** Says where an entry of the code section stands, without its size. */
    void place(int index, int start, int end) {
        starts[index] = start;
        ends[index] = end;
    }

    @Override
    public Code get(int index) {
        Site site = new Site(Map.of());
        Reader in = new Reader(binary, starts[index], ends[index], site);
        LocalTypes locals = new LocalTypes();
        locals.read(in, new TypeReader(in, site, new FeatureSet()), site);
        return new Code(locals.declared(), new Range(in.position(), ends[index]));
    }

    @Override
    public int size() {
        return starts.length;
    }

    int start(int index) {
        return starts[index];
    }

    int end(int index) {
        return ends[index];
    }

    /** Bytes from the first body to the end of the last one. */
    int bytes() {
        return starts.length == 0 ? 0 : ends[ends.length - 1] - starts[0];
    }
}
