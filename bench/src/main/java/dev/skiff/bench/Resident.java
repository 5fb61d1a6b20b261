package dev.skiff.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory this process takes. */
final class Resident {
    private Resident() {}

    /** Its share of every page (proportional set size) and its page tables, in bytes, after a collection. */
    static long bytes() {
        System.gc();
        return (kib("/proc/self/smaps_rollup", "Pss:") + kib("/proc/self/status", "VmPTE:")) * 1024;
    }

    private static long kib(String file, String key) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(key))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(file + " has no line " + key));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
