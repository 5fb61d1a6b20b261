package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.ModuleSource;
import dev.skiff.host.Runner;
import dev.skiff.oci.Digest;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * From which images the modules are that ran, so that they are forgotten with these. containerd is asked which those are, when there is
 * time for it: its own name of a container's image is nowhere else, as annotations have what people wrote. Thread-safe.
 */
final class ModuleImages {
    private static final int MAX_MODULES = 1024;
    private static final int MAX_IMAGES = 16;
    private static final int MAX_QUESTIONS = 16;

    private record Image(String namespace, String name) {}

    /** What is known of a module, guarded by the lock of who has it. */
    private static final class Use {
        private final Set<Image> images = new LinkedHashSet<>();
        /** The latest that ran it, of which is not known what they were made from. */
        private final Set<OfContainer> questions = new LinkedHashSet<>();

        private int running;
        private long lastEnd;
    }

    /** A module that nobody runs. */
    private record Idle(Digest module, Set<Image> images, Duration time) {}

    private final Runner runner;
    private final ImageStore store;
    private final Duration patience;
    private final Map<Digest, Use> uses = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * Knows of none.
     *
     * @param runner remembers the modules
     * @param patience how long one is kept after its last run whose image is not known: containers need not be made from any, and may be
     *     gone before containerd is asked
     */
    ModuleImages(Runner runner, ImageStore store, Duration patience) {
        this.runner = runner;
        this.store = store;
        this.patience = patience;
    }

    /** The image of a container. Asks nothing yet. */
    ContainerImage of(TaskKey container) {
        return new OfContainer(container);
    }

    /** Asks once, whatever runs in the container. */
    private final class OfContainer implements ContainerImage {
        private final TaskKey container;
        private volatile Optional<Image> image = Optional.empty();

        OfContainer(TaskKey container) {
            this.container = container;
        }

        @Override
        public Optional<ModuleSource> module(String name) {
            Image known = image();
            return store.find(known.namespace(), known.name())
                    .map(found -> new ModuleSource.OfReader(
                            name, Optional.of(found.module().digest()), found::read));
        }

        private Image image() {
            if (image.isEmpty()) {
                String name = store.imageOf(container.namespace(), container.id());
                image = Optional.of(new Image(container.namespace(), name));
            }
            return image.get();
        }

        @Override
        public Runnable begin(Digest module) {
            Use use = begun(module, this);
            return () -> ended(use);
        }
    }

    private synchronized Use begun(Digest module, OfContainer container) {
        Use use = use(module);
        use.running++;
        keep(use.questions, container, MAX_QUESTIONS);
        return use;
    }

    /** Puts something at the end of some, of which the first goes if they become too many. */
    private static <T> void keep(Set<T> some, T last, int most) {
        some.remove(last);
        some.add(last);
        if (some.size() > most) {
            some.remove(some.iterator().next());
        }
    }

    private Use use(Digest module) {
        Use use = uses.computeIfAbsent(module, _ -> new Use());
        if (uses.size() > MAX_MODULES) {
            uses.remove(uses.keySet().iterator().next());
        }
        return use;
    }

    private synchronized void ended(Use use) {
        use.running--;
        use.lastEnd = System.nanoTime();
    }

    /** Asks for all images that are not known yet; what containerd does not answer is asked again. */
    private void ask() {
        questions()
                .forEach((use, containers) -> containers.forEach(container -> {
                    try {
                        add(use, container.image());
                    } catch (RpcException e) {
                        Log.debug("an image is not known: " + e.getMessage());
                        if (e.code() != Code.NOT_FOUND) {
                            askAgain(use, container);
                        }
                    }
                }));
    }

    private synchronized Map<Use, Set<OfContainer>> questions() {
        Map<Use, Set<OfContainer>> all = new HashMap<>();
        uses.values().forEach(use -> {
            all.put(use, Set.copyOf(use.questions));
            use.questions.clear();
        });
        return all;
    }

    private synchronized void add(Use use, Image image) {
        keep(use.images, image, MAX_IMAGES);
    }

    private synchronized void askAgain(Use use, OfContainer container) {
        keep(use.questions, container, MAX_QUESTIONS);
    }

    /** What is known of modules whose code may be on disk. */
    synchronized Set<ImageNotes.Note> notes() {
        Set<ImageNotes.Note> notes = new HashSet<>();
        uses.forEach((module, use) -> runner.codeName(module)
                .ifPresent(code -> use.images.forEach(
                        image -> notes.add(new ImageNotes.Note(module, code, image.namespace(), image.name())))));
        return notes;
    }

    /** Takes over what another daemon knew. */
    synchronized void learn(ImageNotes.Note note) {
        runner.noteCode(note.module(), note.code());
        add(use(note.module()), new Image(note.namespace(), note.image()));
    }

    /** Forgets the modules that nobody runs and whose images are gone. Asks containerd only if something is new, or there is one that nobody runs. */
    void sweep() {
        ask();
        Map<String, Optional<Set<String>>> present = new HashMap<>();
        for (Idle idle : idle()) {
            if (isGone(idle, namespace -> present.computeIfAbsent(namespace, this::names))) {
                forget(idle);
            }
        }
    }

    private boolean isGone(Idle idle, Function<String, Optional<Set<String>>> present) {
        if (idle.images().isEmpty()) {
            return idle.time().compareTo(patience) >= 0;
        }
        return idle.images().stream()
                .noneMatch(image -> present.apply(image.namespace())
                        .map(names -> names.contains(image.name()))
                        // While nobody answers all may be there.
                        .orElse(true));
    }

    private synchronized List<Idle> idle() {
        long now = System.nanoTime();
        return uses.entrySet().stream()
                .filter(each -> each.getValue().running == 0)
                .map(each -> new Idle(
                        each.getKey(),
                        Set.copyOf(each.getValue().images),
                        Duration.ofNanos(now - each.getValue().lastEnd)))
                .toList();
    }

    private Optional<Set<String>> names(String namespace) {
        try {
            return Optional.of(store.names(namespace));
        } catch (RpcException e) {
            Log.debug("the images of " + namespace + " are not known: " + e.getMessage());
            return Optional.empty();
        }
    }

    private void forget(Idle idle) {
        if (!remove(idle)) {
            return;
        }
        try {
            runner.forget(idle.module());
            Log.info("the module " + idle.module() + " is forgotten, as no image has it");
        } catch (UncheckedIOException e) {
            Log.warn("the code of the module " + idle.module() + " stays on disk: " + e.getMessage());
        }
    }

    /** False if it was run meanwhile. */
    private synchronized boolean remove(Idle idle) {
        Use use = uses.get(idle.module());
        if (use == null || use.running > 0 || !use.images.equals(idle.images())) {
            return false;
        }
        uses.remove(idle.module());
        return true;
    }
}
