package dev.skiff.oci;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/** Layers with few names, so that they are often about the same files. */
final class RandomImage {
    /** What an entry does. */
    enum Kind {
        DIRECTORY,
        FILE,
        SYMLINK,
        HARD_LINK,
        WHITEOUT,
        OPAQUE
    }

    /**
     * An entry.
     *
     * @param path for an opaque whiteout the directory
     * @param text a file's content or a link's target
     */
    record Op(Kind kind, String path, String text, int mode) {}

    private static final String[] NAMES = {"a", "b", "c"};
    private static final Set<Kind> LEAVES = EnumSet.of(Kind.FILE, Kind.SYMLINK, Kind.HARD_LINK);
    private static final int[] MODES = {0755, 0700, 0711};

    private final Random random;
    private int contents;

    private RandomImage(long seed) {
        random = new Random(seed);
    }

    /** One to four layers of up to twelve entries. */
    static List<List<Op>> of(long seed) {
        RandomImage image = new RandomImage(seed);
        List<List<Op>> layers = new ArrayList<>();
        for (int layer = image.random.nextInt(4); layer >= 0; layer--) {
            List<Op> ops = new ArrayList<>();
            for (int op = image.random.nextInt(12); op >= 0; op--) {
                ops.add(image.op(!layers.isEmpty()));
            }
            layers.add(ops);
        }
        return layers;
    }

    /** The same, but without the entries that break a rule. */
    static List<List<Op>> valid(long seed) {
        return withoutBreaches(of(seed), (model, op) -> true);
    }

    /** The same in the order of names, as the usual tools write layers, and with nothing below what is no directory in
     * it, and nothing removed through links. */
    static List<List<Op>> usual(long seed) {
        List<List<Op>> layers = new ArrayList<>();
        for (List<Op> layer : of(seed)) {
            TreeMap<String, Op> byName = new TreeMap<>();
            layer.forEach(op -> byName.put(entryName(op), op));
            byName.values()
                    .removeIf(op -> layer.stream()
                            .anyMatch(other -> LEAVES.contains(other.kind())
                                    && entryName(op).startsWith(other.path() + "/")));
            layers.add(List.copyOf(byName.values()));
        }
        return withoutBreaches(layers, (model, op) -> !isRemoval(op) || !model.leadsThroughLink(entryName(op)));
    }

    private static boolean isRemoval(Op op) {
        return op.kind() == Kind.WHITEOUT || op.kind() == Kind.OPAQUE;
    }

    private static List<List<Op>> withoutBreaches(List<List<Op>> image, BiPredicate<FlatModel, Op> keep) {
        FlatModel model = new FlatModel();
        List<List<Op>> layers = new ArrayList<>();
        for (List<Op> layer : image) {
            List<Op> kept = new ArrayList<>();
            FlatModel after = model;
            for (Op op : layer) {
                if (!keep.test(model, op)) {
                    continue;
                }
                kept.add(op);
                try {
                    FlatModel next = model.copy();
                    next.apply(kept);
                    after = next;
                } catch (FlatModel.Broken e) {
                    kept.removeLast();
                }
            }
            layers.add(kept);
            model = after;
        }
        return layers;
    }

    private Op op(boolean hasLower) {
        int mode = MODES[random.nextInt(MODES.length)];
        return switch (random.nextInt(hasLower ? 10 : 8)) {
            case 0, 1, 2 -> new Op(Kind.DIRECTORY, path(), "", mode);
            case 3, 4, 5 -> new Op(Kind.FILE, path(), "content " + contents++, mode);
            case 6 -> new Op(Kind.SYMLINK, path(), target(), 0777);
            case 7 -> new Op(Kind.HARD_LINK, path(), path(), mode);
            case 8 -> new Op(Kind.WHITEOUT, path(), "", 0);
            default -> new Op(Kind.OPAQUE, path(), "", 0);
        };
    }

    private String path() {
        StringBuilder path = new StringBuilder(name());
        for (int more = random.nextInt(3); more > 0; more--) {
            path.append('/').append(name());
        }
        return path.toString();
    }

    private String target() {
        return switch (random.nextInt(4)) {
            case 0 -> "/" + path();
            case 1 -> "../" + path();
            case 2 -> "../../" + path() + "/../" + name();
            default -> path();
        };
    }

    private String name() {
        return NAMES[random.nextInt(NAMES.length)];
    }

    /** The archive of a layer. */
    static Tar tar(List<Op> ops) {
        Tar tar = new Tar();
        for (Op op : ops) {
            switch (op.kind()) {
                case DIRECTORY -> tar.dir(op.path(), op.mode());
                case FILE -> tar.file(op.path(), op.text(), op.mode());
                case SYMLINK -> tar.symlink(op.path(), op.text());
                case HARD_LINK -> tar.hardLink(op.path(), op.text());
                case WHITEOUT, OPAQUE -> tar.whiteout(entryName(op));
            }
        }
        return tar;
    }

    private static String entryName(Op op) {
        int slash = op.path().lastIndexOf('/') + 1;
        return switch (op.kind()) {
            case WHITEOUT -> op.path().substring(0, slash) + ".wh." + op.path().substring(slash);
            case OPAQUE -> op.path() + "/.wh..wh..opq";
            default -> op.path();
        };
    }

    static Tar[] tars(List<List<Op>> layers) {
        return layers.stream().map(RandomImage::tar).toArray(Tar[]::new);
    }
}
