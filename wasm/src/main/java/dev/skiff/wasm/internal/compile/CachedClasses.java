package dev.skiff.wasm.internal.compile;

import dev.skiff.wasm.LimitException;
import dev.skiff.wasm.internal.cache.CacheEntry;
import dev.skiff.wasm.internal.cache.CacheKey;
import dev.skiff.wasm.internal.cache.CodeCache;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;

/**
 * The class files of a module: from the code cache if it has them, and else translated. What was translated is in memory until it
 * is loaded, which happens once, and {@link #save} has added it to the cache. Thread-safe.
 */
public final class CachedClasses implements GuestLoader.ClassSource {
    /** Number of the instances' class among the class files. */
    private static final int INSTANCE = -1;
    /** Parts of a group, where it has more than one, count in steps of this; a module has fewer groups. */
    private static final int PART = 1 << 20;

    private static final long STACK_BYTES = 512L << 20;

    private final ModuleLayout layout;
    private final CodeOptions options;
    private final Optional<CodeCache> cache;
    private final Optional<CacheKey> key;
    private final Optional<CacheEntry> entry;
    private final Map<Integer, byte[]> translated = new ConcurrentHashMap<>();
    /** Numbers of those that the loader has. */
    private final Set<Integer> loaded = ConcurrentHashMap.newKeySet();
    /** Numbers of those that were seen in the cache. */
    private final Set<Integer> saved = ConcurrentHashMap.newKeySet();

    /** Class files that are never kept. */
    public CachedClasses(ModuleLayout layout, CodeOptions options) {
        this.layout = layout;
        this.options = options;
        cache = Optional.empty();
        key = Optional.empty();
        entry = Optional.empty();
    }

    /** Takes class files from an entry as far as it has them; {@code key} names the entry that {@link #save} writes. */
    public CachedClasses(
            ModuleLayout layout, CodeOptions options, CodeCache cache, CacheKey key, Optional<CacheEntry> entry) {
        this.layout = layout;
        this.options = options;
        this.cache = Optional.of(cache);
        this.key = Optional.of(key);
        this.entry = entry;
    }

    @Override
    public byte[] instanceClass() {
        return classFile(INSTANCE);
    }

    @Override
    public byte[] groupClass(int group, int part) {
        return classFile(part * PART + group);
    }

    private byte[] classFile(int number) {
        byte[] found = find(number);
        loaded.add(number);
        return found;
    }

    private byte[] find(int number) {
        Optional<byte[]> cached = entry.flatMap(e -> e.classFile(number));
        if (cached.isPresent()) {
            return cached.get();
        }
        byte[] before = translated.get(number);
        if (before != null) {
            return before;
        }
        Map<Integer, byte[]> made = translate(number);
        if (cache.isPresent() || made.size() > 1) {
            translated.putAll(made);
        }
        return made.get(number);
    }

    /** Translates what a class file belongs to; all class files of that by their numbers. */
    private Map<Integer, byte[]> translate(int number) {
        try {
            return translateHere(number);
        } catch (StackOverflowError deep) {
            // The guest left little of its stack, or the module nests deeply. That must not look like the guest's
            // recursion.
            FutureTask<Map<Integer, byte[]>> task = new FutureTask<>(() -> translateHere(number));
            new Thread(null, task, "skiff-translator", STACK_BYTES).start();
            try {
                return task.get();
            } catch (ExecutionException failure) {
                if (failure.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new LimitException("the translation of functions failed: " + failure.getCause());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw deep;
            }
        }
    }

    private Map<Integer, byte[]> translateHere(int number) {
        if (number == INSTANCE) {
            return Map.of(INSTANCE, InstanceClass.translate(layout));
        }
        int group = number % PART;
        List<byte[]> parts = GroupClass.translate(layout, group, options);
        Map<Integer, byte[]> numbered = new HashMap<>();
        for (int part = 0; part < parts.size(); part++) {
            numbered.put(part * PART + group, parts.get(part));
        }
        return numbered;
    }

    /** Translates, on all processors, what the cache does not have; returns how many class files that were. */
    public int translateAll() {
        int[] missing = IntStream.range(INSTANCE, layout.groupCount())
                .filter(n -> !translated.containsKey(n)
                        && !saved.contains(n)
                        && entry.filter(e -> e.numbers().contains(n)).isEmpty())
                .toArray();
        IntStream.of(missing).parallel().forEach(this::translateAhead);
        return missing.length;
    }

    private void translateAhead(int number) {
        try {
            translated.putAll(translate(number));
        } catch (LimitException tooLarge) {
            // Whoever calls the function is told; the others are none the worse.
        }
    }

    /**
     * Adds what was translated to the cache; returns whether there was anything to add. Looks at no file if nothing was
     * translated since the last time.
     */
    public synchronized boolean save() {
        if (cache.isEmpty()) {
            return false;
        }
        boolean more = !saved.containsAll(translated.keySet()) && write();
        translated.keySet().removeIf(number -> saved.contains(number) && loaded.contains(number));
        return more;
    }

    private boolean write() {
        Map<Integer, byte[]> all = new HashMap<>(translated);
        int known = addWritten(all);
        boolean more = all.size() > known;
        if (more) {
            cache.get().write(key.get(), all);
        }
        saved.addAll(all.keySet());
        return more;
    }

    /** Another process may have written meanwhile, and what it has is kept; returns how many class files that are. */
    private int addWritten(Map<Integer, byte[]> all) {
        Optional<CacheEntry> written = cache.get().find(key.get());
        if (written.isEmpty()) {
            return 0;
        }
        int known = 0;
        try (CacheEntry latest = written.get()) {
            for (int number : latest.numbers()) {
                Optional<byte[]> bytes = latest.classFile(number);
                if (bytes.isPresent()) {
                    all.put(number, bytes.get());
                    known++;
                }
            }
        }
        return known;
    }
}
