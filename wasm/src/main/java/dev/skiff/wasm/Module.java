package dev.skiff.wasm;

import dev.skiff.wasm.internal.binary.ModuleData;
import dev.skiff.wasm.internal.cache.CacheEntry;
import dev.skiff.wasm.internal.compile.ModuleLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** A decoded and validated module. Immutable and thread-safe; holds its code until it is unreachable. */
public final class Module {
    private final Engine engine;
    private final ModuleData data;
    private final ModuleLayout layout;
    private final Optional<String> identity;
    private final boolean cached;
    private final CompiledModule.SharedImages images;
    // Others than the plain one are made when a store asks for them.
    private final Map<CodeVariant, CompiledModule> codes = new EnumMap<>(CodeVariant.class);

    Module(Engine engine, ModuleData data, Optional<String> identity, Optional<CacheEntry> entry) {
        this.engine = engine;
        this.data = data;
        this.identity = identity;
        cached = entry.isPresent();
        layout = new ModuleLayout(data);
        images = new CompiledModule.SharedImages();
        codes.put(CodeVariant.PLAIN, translation(CodeVariant.PLAIN, entry));
    }

    private CompiledModule translation(CodeVariant variant, Optional<CacheEntry> entry) {
        boolean offHeap = engine.memoryKind() == MemoryKind.OFF_HEAP;
        return new CompiledModule(layout, images, offHeap, engine.classes(layout, variant, identity, entry));
    }

    /** What it needs from outside, in the order of its import section. */
    public List<ImportType> imports() {
        return data.imports();
    }

    /** What it offers, in the order of its export section. */
    public List<ExportType> exports() {
        return data.exports().stream()
                .map(e -> new ExportType(e.name(), e.type()))
                .collect(Collectors.toUnmodifiableList());
    }

    /** Its name from the name section, if it has one. */
    public Optional<String> name() {
        return data.names().module();
    }

    /** SHA-256 of its bytes, in hexadecimal; computed at each call. */
    public String digest() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data.binary()));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The features beyond WebAssembly 1.0 that it uses. */
    public Set<Feature> features() {
        return data.features();
    }

    /** Its sections with their sizes, in the order of the binary. */
    public List<Section> sections() {
        return data.sections();
    }

    /** Number of functions that it defines itself. */
    public int definedFunctions() {
        return data.code().size();
    }

    /** Size of the binary in bytes. */
    public long size() {
        return data.binary().length;
    }

    /** Whether the code cache had an entry for it when it was compiled. */
    public boolean fromCodeCache() {
        return cached;
    }

    /** What all its entries in the code cache are called; empty if its engine has none. */
    public Optional<String> codeCacheName() {
        return identity;
    }

    /** The engine that compiled it. */
    public Engine engine() {
        return engine;
    }

    ModuleData data() {
        return data;
    }

    /** The code for stores with these limits. */
    synchronized CompiledModule code(Limits limits) {
        boolean far = engine.memoryKind() == MemoryKind.OFF_HEAP
                && limits.mostMemoryBytes() >= 1L << 31
                && !data.memories().isEmpty();
        CodeVariant variant = CodeVariant.of(limits.fuel().isPresent(), far);
        CompiledModule code = codes.get(variant);
        if (code == null) {
            code = translation(variant, Optional.empty());
            codes.put(variant, code);
        }
        return code;
    }

    boolean saveTranslated() {
        boolean saved = false;
        for (CompiledModule code : codes()) {
            saved |= code.classes().save();
        }
        return saved;
    }

    /** So that no store waits while they are written. */
    private synchronized List<CompiledModule> codes() {
        return List.copyOf(codes.values());
    }

    boolean isReferenceGlobal(int index) {
        return data.globals().get(index).type().value() instanceof RefType;
    }

    /**
     * A section of the binary.
     *
     * @param id the section's number
     * @param name the section's name; for a custom section the name that it carries
     * @param offset where its contents start, in bytes from the start of the binary
     * @param size its size in bytes, without the header
     * @param entries how many entries it has, if it is a list
     */
    public record Section(int id, String name, long offset, long size, OptionalInt entries) {}
}
