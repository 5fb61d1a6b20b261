package dev.skiff.host;

import dev.skiff.oci.Digest;
import dev.skiff.wasm.Module;
import java.time.Duration;
import java.util.LinkedHashMap;
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
    private final int most;
    private final Map<Digest, Module> modules = new LinkedHashMap<>(16, 0.75f, true);
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    /** A module, and whether it was remembered. */
    record Found(Module module, boolean remembered) {}

    /** One that remembers so many modules; none with 0. */
    ModuleCache(int most) {
        this.most = most;
    }

    /** The module of a source; read and made unless it is remembered. */
    Found get(ModuleSource source, Function<byte[], Module> maker) {
        if (most == 0) {
            return made(() -> maker.apply(source.read()));
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
        Optional<Found> found = Optional.ofNullable(modules.get(digest)).map(module -> new Found(module, true));
        found.ifPresent(_ -> hits.increment());
        return found;
    }

    private Found made(Supplier<Module> maker) {
        long start = System.nanoTime();
        try {
            return new Found(maker.get(), false);
        } finally {
            misses.increment();
            nanos.add(System.nanoTime() - start);
        }
    }

    private synchronized Found remember(Digest digest, Found made) {
        modules.put(digest, made.module());
        if (modules.size() > most) {
            modules.remove(modules.keySet().iterator().next());
        }
        return made;
    }

    /** How it was used so far. */
    ModuleUse use() {
        return new ModuleUse(hits.sum(), misses.sum(), Duration.ofNanos(nanos.sum()));
    }
}
