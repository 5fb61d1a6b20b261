package dev.skiff.host;

import dev.skiff.oci.Digest;
import dev.skiff.wasm.Module;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The modules that ran last: who runs one of them again has code that the JVM has compiled already. Found by the
 * digest of their bytes. Thread-safe.
 */
final class ModuleCache {
    private final int most;
    private final Map<Digest, Module> modules = new LinkedHashMap<>(16, 0.75f, true);

    /** One that remembers so many modules; none with 0. */
    ModuleCache(int most) {
        this.most = most;
    }

    /** The module of a source; read and made unless it is remembered. */
    Module get(ModuleSource source, Function<byte[], Module> maker) {
        if (most == 0) {
            return maker.apply(source.read());
        }
        if (source.digest().isPresent()) {
            Digest digest = source.digest().get();
            return known(digest).orElseGet(() -> remember(digest, maker.apply(source.read())));
        }
        byte[] bytes = source.read();
        Digest digest = Digest.ofBytes(bytes);
        // Two that ask at once for what is not there make it twice; nobody else waits for them.
        return known(digest).orElseGet(() -> remember(digest, maker.apply(bytes)));
    }

    private synchronized Optional<Module> known(Digest digest) {
        return Optional.ofNullable(modules.get(digest));
    }

    private synchronized Module remember(Digest digest, Module made) {
        modules.put(digest, made);
        if (modules.size() > most) {
            modules.remove(modules.keySet().iterator().next());
        }
        return made;
    }
}
