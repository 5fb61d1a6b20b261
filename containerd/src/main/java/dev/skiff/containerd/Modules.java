package dev.skiff.containerd;

import dev.skiff.host.Runner;
import dev.skiff.wasm.Engine;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The modules that the daemon remembers, in memory and on disk, as long as their images are there. What is wrong with the disk makes
 * later starts slower, and nothing else. Thread-safe, but for {@link #maintain}.
 */
final class Modules {
    /** The name of a file beside the code. */
    static final String NOTES = "images";

    /** A module with its code is as large as some of its class files: a few megabytes at most. */
    private static final int REMEMBERED = 64;

    private static final long MAX_BYTES_ON_DISK = 1L << 30;
    private static final Duration WITHOUT_IMAGE = Duration.ofHours(1);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMinutes(10);

    private final Engine engine;
    private final Runner runner;
    private final ModuleImages images;
    private final Optional<ImageNotes> notes;
    private Optional<Long> failed = Optional.empty();
    private boolean isWarned;

    private Modules(Engine engine, ImageStore store) {
        this.engine = engine;
        runner = new Runner(engine, REMEMBERED);
        images = new ModuleImages(runner, store, WITHOUT_IMAGE);
        notes = engine.codeCache().map(folder -> new ImageNotes(folder.resolve(NOTES)));
    }

    private void learn(ImageNotes from) {
        try {
            from.takeOver().forEach(images::learn);
        } catch (UncheckedIOException e) {
            Log.warn(e.getMessage());
        }
    }

    /**
     * None yet.
     *
     * @param code the folder for what modules are translated to, made if it is absent; others may use it too. Without one all is in memory
     */
    static Modules open(Optional<Path> code, ImageStore store) {
        Modules modules = new Modules(code.flatMap(Modules::engine).orElseGet(Engine::create), store);
        modules.notes.ifPresent(modules::learn);
        return modules;
    }

    private static Optional<Engine> engine(Path code) {
        try {
            return Optional.of(Engine.builder().codeCache(code).build());
        } catch (UncheckedIOException e) {
            Log.warn(e.getMessage() + "; code is kept in memory only");
            return Optional.empty();
        }
    }

    /** Makes them ready to run. */
    Runner runner() {
        return runner;
    }

    /** The image of a container. */
    ContainerImage imageOf(TaskKey container) {
        return images.of(container);
    }

    /**
     * Forgets those whose images are gone, of daemons before this too, and writes to disk what the others were translated to since the
     * last time. Takes as long as containerd and the disk do; for one thread.
     */
    void maintain() {
        images.sweep();
        if (failed.isEmpty() || System.nanoTime() - failed.get() >= BETWEEN_ATTEMPTS.toNanos()) {
            save();
        }
    }

    private void save() {
        try {
            if (runner.saveTranslated()) {
                engine.pruneCodeCache(MAX_BYTES_ON_DISK);
                isWarned = false;
            }
            if (notes.isPresent()) {
                notes.get().write(images.notes());
            }
            failed = Optional.empty();
        } catch (UncheckedIOException e) {
            failed = Optional.of(System.nanoTime());
            if (!isWarned) {
                Log.warn(e.getMessage() + "; tasks run all the same");
            }
            isWarned = true;
        }
    }
}
