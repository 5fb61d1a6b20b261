package dev.skiff.host;

import dev.skiff.oci.Digest;
import dev.skiff.wasm.Module;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

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

    /** The module of these bytes; made unless it is remembered. */
    Module get(byte[] bytes, Supplier<Module> maker) {
        if (most == 0) {
            return maker.get();
        }
        Digest digest = Digest.ofBytes(bytes);
        synchronized (this) {
            Module known = modules.get(digest);
            if (known != null) {
                return known;
            }
        }
        // Two that ask at once for what is not there make it twice; nobody else waits for them.
        Module made = maker.get();
        synchronized (this) {
            modules.put(digest, made);
            if (modules.size() > most) {
                modules.remove(modules.keySet().iterator().next());
            }
        }
        return made;
    }
}
