package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.MalformedModuleException;
import dev.skiff.wasm.internal.binary.ModuleData.Names;
import java.util.AbstractMap;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The names of functions in a name section (WebAssembly specification, appendix A.4.3), by index. They are read when
 * one is first asked for, which for most modules is never. Immutable and thread-safe.
 */
final class BodyNames extends AbstractMap<Integer, String> {
    /** No names at all. */
    static final Names NONE = new Names(Optional.empty(), Map.of());

    private static final int MODULE = 0;
    private static final int FUNCTIONS = 1;

    private final byte[] binary;
    private final int start;
    private final int end;
    private volatile Map<Integer, String> names;

    private BodyNames(byte[] binary, int start, int end) {
        this.binary = binary;
        this.start = start;
        this.end = end;
    }

    /** What the name section at this range says; nothing where its structure is broken. */
    static Names read(byte[] binary, int start, int end) {
        try {
            Reader in = new Reader(binary, start, end);
            Optional<String> module = Optional.empty();
            Map<Integer, String> functions = Map.of();
            while (in.hasMore()) {
                int id = in.u8();
                int length = in.u32();
                int from = in.position();
                in.skip(length);
                if (id == MODULE) {
                    module = Optional.of(new Reader(binary, from, in.position()).name());
                } else if (id == FUNCTIONS) {
                    functions = new BodyNames(binary, from, in.position());
                }
            }
            return new Names(module, functions);
        } catch (MalformedModuleException _) {
            return NONE;
        }
    }

    private Map<Integer, String> names() {
        Map<Integer, String> known = names;
        if (known == null) {
            known = Collections.unmodifiableMap(build());
            names = known;
        }
        return known;
    }

    private Map<Integer, String> build() {
        Map<Integer, String> known = new HashMap<>();
        try {
            Reader in = new Reader(binary, start, end);
            int count = in.u32();
            for (int i = 0; i != count; i++) {
                int function = in.u32();
                int at = in.position();
                in.skip(in.u32());
                addIfWellFormed(known, function, new Reader(binary, at, in.position()));
            }
            return known;
        } catch (MalformedModuleException _) {
            return Map.of();
        }
    }

    private static void addIfWellFormed(Map<Integer, String> known, int function, Reader in) {
        try {
            known.putIfAbsent(function, in.name());
        } catch (MalformedModuleException _) {
            // A name that is not UTF-8 is as good as none.
        }
    }

    @Override
    public String get(Object key) {
        return names().get(key);
    }

    @Override
    public boolean containsKey(Object key) {
        return names().containsKey(key);
    }

    @Override
    public Set<Entry<Integer, String>> entrySet() {
        return names().entrySet();
    }
}
