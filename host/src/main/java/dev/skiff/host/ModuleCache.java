package dev.skiff.host;

import dev.skiff.oci.Digest;
import dev.skiff.wasm.Module;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The modules that ran last: who runs one of them again has code that the JVM has compiled already. Found by the
 * digest of their bytes. Thread-safe.
 */
final class ModuleCache {
    /** Names are short, and code on disk outlives modules in memory. */
    private static final int MOST_NAMES = 4096;

    private final int most;
    private final Map<Digest, Module> modules = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Digest, String> names = new LinkedHashMap<>(16, 0.75f, true);
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder found = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private long forgotten;

    /** A module, whether it was remembered, and its digest if it is from now on. */
    record Found(Module module, boolean remembered, Optional<Digest> digest) {}

    /** One that remembers so many modules; none with 0. */
    ModuleCache(int most) {
        this.most = most;
    }

    /** The module of a source; read and made unless it is remembered. */
    Found get(ModuleSource source, Function<byte[], Module> maker) {
        if (most == 0) {
            return new Found(made(() -> maker.apply(source.read())), false, Optional.empty());
        }
        if (source.digest().isPresent()) {
            Digest digest = source.digest().get();
            return known(digest).orElseGet(() -> remember(digest, made(() -> maker.apply(source.read()))));
        }
        byte[] bytes = source.read();
        Digest digest = Digest.ofBytes(bytes);
        // Two that ask at once for what is not there make it twice; nobody else waits for them.
        return known(digest).orElseGet(() -> remember(digest, made(() -> maker.apply(bytes))));
    }

    private synchronized Optional<Found> known(Digest digest) {
        Optional<Found> known =
                Optional.ofNullable(modules.get(digest)).map(module -> new Found(module, true, Optional.of(digest)));
        known.ifPresent(_ -> hits.increment());
        return known;
    }

    private Module made(Supplier<Module> maker) {
        long start = System.nanoTime();
        try {
            Module module = maker.get();
            if (module.fromCodeCache()) {
                found.increment();
            }
            return module;
        } finally {
            misses.increment();
            nanos.add(System.nanoTime() - start);
        }
    }

    private synchronized Found remember(Digest digest, Module made) {
        modules.put(digest, made);
        bound(modules, most);
        made.codeCacheName().ifPresent(name -> name(digest, name));
        return new Found(made, false, Optional.of(digest));
    }

    private static <V> void bound(Map<Digest, V> map, int most) {
        if (map.size() > most) {
            map.remove(map.keySet().iterator().next());
        }
    }

    /** Says what the code on disk of a module is called. */
    synchronized void name(Digest digest, String name) {
        names.put(digest, name);
        bound(names, MOST_NAMES);
    }

    /** What the code on disk of a module is called, if it has any. */
    synchronized Optional<String> name(Digest digest) {
        return Optional.ofNullable(names.get(digest));
    }

    /**
     * Forgets a module; who runs it goes on.
     *
     * @return what its code on disk is called, if it had any
     */
    synchronized Optional<String> forget(Digest digest) {
        if (modules.remove(digest) != null) {
            forgotten++;
        }
        return Optional.ofNullable(names.remove(digest));
    }

    /** Those that are remembered at the moment. */
    synchronized List<Module> all() {
        return List.copyOf(modules.values());
    }

    /** How it was used so far. */
    synchronized ModuleUse use() {
        return new ModuleUse(
                hits.sum(), misses.sum(), found.sum(), Duration.ofNanos(nanos.sum()), modules.size(), forgotten);
    }
}
