package dev.skiff.wasm.internal.cache;

import java.io.File;
import java.net.URI;
import java.security.CodeSource;

/**
 * What an entry of the code cache is for.
 *
 * @param module the module as {@link CodeCache#identify} says
 * @param options what the code is made for, in a text
 */
public record CacheKey(String module, String options) {
    private static final String ENGINE = "1/" + build() + "/" + Runtime.version() + "/" + System.getProperty("os.arch");

    /** Everything that the code depends on, in one text. */
    String text() {
        return module + "/" + options + "/" + ENGINE;
    }

    /** Tells one build of the engine from another: the size and time of its jar, or of its class files. */
    private static String build() {
        CodeSource source = CacheKey.class.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return "unknown";
        }
        File place = new File(URI.create(source.getLocation().toString()));
        if (place.isFile()) {
            return place.length() + "-" + place.lastModified();
        }
        long newest = 0;
        File[] files = new File(place, "dev/skiff/wasm/internal/compile").listFiles();
        if (files != null) {
            for (File file : files) {
                newest = Math.max(newest, file.lastModified());
            }
        }
        return "classes-" + newest;
    }
}
