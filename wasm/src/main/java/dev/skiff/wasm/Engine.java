package dev.skiff.wasm;

import dev.skiff.wasm.internal.binary.ModuleData;
import dev.skiff.wasm.internal.binary.ModuleDecoder;
import dev.skiff.wasm.internal.cache.CacheEntry;
import dev.skiff.wasm.internal.cache.CacheFiles;
import dev.skiff.wasm.internal.cache.CacheKey;
import dev.skiff.wasm.internal.cache.CodeCache;
import dev.skiff.wasm.internal.compile.CachedClasses;
import dev.skiff.wasm.internal.compile.CodeOptions;
import dev.skiff.wasm.internal.compile.ModuleLayout;
import dev.skiff.wasm.internal.runtime.OffHeap;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Compiles modules. Holds what modules share: the kind of memory and the code cache. Thread-safe; one for a process is
 * enough.
 */
public final class Engine implements AutoCloseable {
    private final MemoryKind memoryKind;
    private final Optional<Path> codeCache;
    private final Optional<CodeCache> cache;
    private final int methodSize;

    private Engine(Builder builder) {
        memoryKind = OffHeap.available() ? builder.memoryKind : MemoryKind.HEAP;
        codeCache = builder.codeCache;
        cache = codeCache.map(CodeCache::open);
        methodSize = builder.methodSize;
    }

    /** An engine with the defaults: memories outside the heap where the platform allows it, no code cache. */
    public static Engine create() {
        return builder().build();
    }

    /** Starts the configuration of an engine. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Decodes and validates a module. Its functions are translated when they are first called.
     *
     * @param binary the module in the binary format; not copied, so it must not change afterwards
     * @return the module, ready to be instantiated any number of times
     * @throws MalformedModuleException if the bytes are no module
     * @throws InvalidModuleException if the module breaks a validation rule
     * @throws UnsupportedFeatureException if the module needs a feature that this engine does not have
     */
    public Module compile(byte[] binary) {
        Optional<String> identity = cache.map(c -> c.identify(binary));
        Optional<CacheEntry> entry = identity.flatMap(known -> cache.get().find(cacheKey(known, CodeVariant.PLAIN)));
        // An entry is only ever written for a module that is valid.
        ModuleData data = ModuleDecoder.decode(binary, entry.isEmpty());
        return new Module(this, data, identity, entry);
    }

    /** The class files of a module for some stores. */
    CachedClasses classes(
            ModuleLayout layout, CodeVariant variant, Optional<String> identity, Optional<CacheEntry> entry) {
        CodeOptions options = options(variant);
        if (cache.isEmpty()) {
            return new CachedClasses(layout, options);
        }
        CacheKey key = cacheKey(identity.orElseThrow(), variant);
        return new CachedClasses(
                layout,
                options,
                cache.get(),
                key,
                variant == CodeVariant.PLAIN ? entry : cache.get().find(key));
    }

    private CacheKey cacheKey(String identity, CodeVariant variant) {
        return new CacheKey(identity, options(variant).text());
    }

    private CodeOptions options(CodeVariant variant) {
        return new CodeOptions(memoryKind == MemoryKind.OFF_HEAP, variant.metered(), variant.far(), methodSize);
    }

    /**
     * Translates every function of a module for stores without a fuel limit, on all processors, and keeps the result in
     * the code cache, so that the next {@link #compile} of the same bytes translates nothing.
     *
     * @return whether anything had to be translated and kept; false if this engine has no cache
     * @throws java.io.UncheckedIOException if the cache cannot be written
     */
    public boolean fillCodeCache(Module module) {
        return fillCodeCache(module, Limits.DEFAULT);
    }

    /**
     * The same for the code that stores with these limits use: where fuel is limited, it is another, which counts.
     *
     * @return whether anything had to be translated and kept; false if this engine has no cache
     * @throws java.io.UncheckedIOException if the cache cannot be written
     */
    public boolean fillCodeCache(Module module, Limits limits) {
        if (cache.isEmpty()) {
            return false;
        }
        CachedClasses classes = module.code(limits).classes();
        classes.translateAll();
        return classes.save();
    }

    /**
     * Adds to the code cache what was translated of a module so far, because it was called; cheap enough for the end of
     * every program. Where nothing was translated since the last time, no file is looked at.
     *
     * @return whether there was anything to add; false if this engine has no cache
     * @throws java.io.UncheckedIOException if the cache cannot be written
     */
    public boolean saveTranslated(Module module) {
        return module.saveTranslated();
    }

    /**
     * Removes all that the code cache has of a module, for whatever limits, engines and JDKs that was made. Modules that are
     * compiled go on. Does nothing if this engine has no cache.
     *
     * @param name as {@link Module#codeCacheName} says
     * @throws IllegalArgumentException if no module has such a name
     * @throws java.io.UncheckedIOException if the cache cannot be written
     */
    public void removeFromCodeCache(String name) {
        cache.ifPresent(c -> c.remove(name));
    }

    /**
     * Removes from the code cache what was not used for longest, until the rest is small enough. Does nothing if this engine
     * has no cache.
     *
     * @param maxBytes how large all its entries may be, in bytes
     * @throws java.io.UncheckedIOException if the cache cannot be written
     */
    public void pruneCodeCache(long maxBytes) {
        cache.ifPresent(c -> c.prune(maxBytes));
    }

    /**
     * How large all entries of a code cache are, in bytes; 0 if there is none.
     *
     * @throws java.io.UncheckedIOException if the directory cannot be read
     */
    public static long codeCacheSize(Path directory) {
        return new CacheFiles(directory).size();
    }

    /**
     * Removes a code cache that no engine uses, with its directory unless others have files there.
     *
     * @return whether there was one
     * @throws java.io.UncheckedIOException if it cannot be removed
     */
    public static boolean deleteCodeCache(Path directory) {
        return new CacheFiles(directory).delete();
    }

    /** Where this engine's memories are. */
    public MemoryKind memoryKind() {
        return memoryKind;
    }

    /** The directory of the code cache, if there is one. */
    public Optional<Path> codeCache() {
        return codeCache;
    }

    /** Frees what the engine holds; modules and instances stay usable until they are unreachable. */
    @Override
    public void close() {}

    /** Configures an engine. Not thread-safe. */
    public static final class Builder {
        private MemoryKind memoryKind = MemoryKind.OFF_HEAP;
        private Optional<Path> codeCache = Optional.empty();
        private int methodSize = CodeOptions.METHOD_SIZE;

        private Builder() {}

        /**
         * Chooses where memories are kept. Off-heap needs Linux and the JVM option
         * {@code --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED}; without them the engine uses the heap.
         */
        public Builder memoryKind(MemoryKind kind) {
            memoryKind = kind;
            return this;
        }

        /** Keeps translated code in a directory, made if it is absent (mode 0700). */
        public Builder codeCache(Path directory) {
            codeCache = Optional.of(directory);
            return this;
        }

        /** Splits functions into methods of another size than is best; for tests of the splitting. */
        Builder methodSize(int bytes) {
            methodSize = bytes;
            return this;
        }

        /**
         * Makes the engine.
         *
         * @throws java.io.UncheckedIOException if the code cache's directory cannot be used
         */
        public Engine build() {
            return new Engine(this);
        }
    }
}
