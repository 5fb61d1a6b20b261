package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a module or component says of itself, as far as an artifact's configuration repeats it: what it imports and exports, and the
 * custom sections that build tools write (tool-conventions, "metadata"). Nothing is validated beyond what is read.
 *
 * @param component whether it is a component
 * @param imports modules or interfaces that it imports, sorted
 * @param exports what it exports, sorted
 * @param metadata its version, source, authors, description, licenses, homepage and revision, as far as it says
 */
public record WasmBinary(boolean component, List<String> imports, List<String> exports, Map<String, String> metadata) {
    private static final Set<String> METADATA =
            Set.of("version", "source", "authors", "description", "licenses", "homepage", "revision");
    private static final int MAX_METADATA = 4_096;
    private static final int MAX_NAMES = 2_000;
    private static final byte[] MAGIC = {0, 'a', 's', 'm'};

    /** Copies the collections. */
    public WasmBinary {
        imports = List.copyOf(imports);
        exports = List.copyOf(exports);
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /**
     * Reads a module or component.
     *
     * @throws OciException if it is neither
     */
    public static WasmBinary read(byte[] binary, String what) {
        return new Scan(ByteBuffer.wrap(binary), what).read();
    }

    private static final class Scan {
        private final ByteBuffer in;
        private final String what;
        private final Set<String> imports = new TreeSet<>();
        private final Set<String> exports = new TreeSet<>();
        private final Map<String, String> metadata = new LinkedHashMap<>();

        Scan(ByteBuffer in, String what) {
            this.in = in;
            this.what = what;
        }

        WasmBinary read() {
            if (in.remaining() < 8 || !in.slice(0, 4).equals(ByteBuffer.wrap(MAGIC))) {
                throw new OciException(Problem.INVALID, what + " is no WebAssembly module or component");
            }
            int layer = in.get(6);
            boolean module = in.get(4) == 1 && in.get(5) == 0 && layer == 0;
            if (!module && layer != 1) {
                throw new OciException(Problem.INVALID, what + " is WebAssembly of a version that Skiff does not know");
            }
            in.position(8);
            try {
                while (in.hasRemaining()) {
                    section(!module);
                }
            } catch (java.nio.BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
                throw new OciException(Problem.INVALID, what + " is cut off or damaged at offset " + in.position(), e);
            }
            return new WasmBinary(!module, List.copyOf(imports), List.copyOf(exports), metadata);
        }

        private void section(boolean component) {
            int id = in.get() & 0xff;
            int size = u32();
            ByteBuffer body = in.slice(in.position(), size);
            in.position(in.position() + size);
            Scan scan = new Scan(body, what);
            switch (id) {
                case 0 -> custom(scan);
                case 2 -> {
                    if (!component) {
                        scan.moduleImports(imports);
                    }
                }
                case 7 -> {
                    if (!component) {
                        scan.moduleExports(exports);
                    }
                }
                case 10 -> {
                    if (component) {
                        scan.componentImports(imports);
                    }
                }
                case 11 -> {
                    if (component) {
                        scan.componentExports(exports);
                    }
                }
                default -> {}
            }
        }

        private void custom(Scan section) {
            String name = section.name();
            if (METADATA.contains(name) && section.in.remaining() <= MAX_METADATA) {
                section.text(section.in.remaining()).ifPresent(text -> metadata.putIfAbsent(name, text));
            }
        }

        private void moduleImports(Set<String> found) {
            for (int left = u32(); left > 0; left--) {
                add(found, name());
                name();
                switch (in.get()) {
                    case 0 -> u32();
                    case 1 -> {
                        valueType();
                        limits();
                    }
                    case 2 -> limits();
                    case 3 -> {
                        valueType();
                        in.get();
                    }
                    case 4 -> {
                        in.get();
                        u32();
                    }
                    default -> throw new IllegalArgumentException("import");
                }
            }
        }

        /** A value type, which is longer than a byte where it is a reference to a type of the module's own. */
        private void valueType() {
            int type = in.get();
            if (type == 0x63 || type == 0x64) {
                u64();
            }
        }

        private void limits() {
            int flags = in.get();
            u64();
            if ((flags & 1) != 0) {
                u64();
            }
        }

        private void moduleExports(Set<String> found) {
            for (int left = u32(); left > 0; left--) {
                add(found, name());
                in.get();
                u32();
            }
        }

        private void componentImports(Set<String> found) {
            for (int left = u32(); left > 0; left--) {
                add(found, componentName());
                componentType();
            }
        }

        private void componentExports(Set<String> found) {
            for (int left = u32(); left > 0; left--) {
                add(found, componentName());
                if (in.get() == 0) {
                    in.get();
                }
                u32();
                if (in.get() == 1) {
                    componentType();
                }
            }
        }

        /** A name of an import or export of a component, whose first byte says whether a suffix of a version follows. */
        private String componentName() {
            int kind = in.get();
            String name = name();
            if (kind == 2) {
                name();
            }
            return name;
        }

        /** The type of an import or export of a component. */
        private void componentType() {
            switch (in.get()) {
                case 0 -> {
                    in.get();
                    u32();
                }
                case 1, 4, 5 -> u32();
                case 2 -> {
                    in.get();
                    u32();
                }
                case 3 -> {
                    if (in.get() == 0) {
                        u32();
                    }
                }
                default -> throw new IllegalArgumentException("type");
            }
        }

        private static void add(Set<String> found, String name) {
            if (found.size() < MAX_NAMES) {
                found.add(name);
            }
        }

        private String name() {
            return text(u32()).orElseThrow(() -> new IllegalArgumentException("name"));
        }

        private Optional<String> text(int length) {
            ByteBuffer bytes = in.slice(in.position(), length);
            in.position(in.position() + length);
            try {
                return Optional.of(
                        StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
            } catch (CharacterCodingException e) {
                return Optional.empty();
            }
        }

        private int u32() {
            long value = u64();
            if (value > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("number");
            }
            return (int) value;
        }

        private long u64() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                byte next = in.get();
                value |= (next & 0x7fL) << shift;
                if (next >= 0) {
                    return value & Long.MAX_VALUE;
                }
            }
            throw new IllegalArgumentException("number");
        }
    }
}
