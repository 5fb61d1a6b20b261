package dev.skiff.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

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
    private static final int[] MODES = {0755, 0700, 0711};

    private final Random random;
    private int contents;

    private RandomImage(long seed) {
        random = new Random(seed);
    }

    /** One to four layers of up to eight entries. */
    static List<List<Op>> of(long seed) {
        RandomImage image = new RandomImage(seed);
        List<List<Op>> layers = new ArrayList<>();
        for (int layer = image.random.nextInt(4); layer >= 0; layer--) {
            List<Op> ops = new ArrayList<>();
            for (int op = image.random.nextInt(8); op >= 0; op--) {
                ops.add(image.op(!layers.isEmpty()));
            }
            layers.add(ops);
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
            case 2 -> "../../" + name() + "/../" + name();
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
                case WHITEOUT -> {
                    int slash = op.path().lastIndexOf('/') + 1;
                    tar.whiteout(
                            op.path().substring(0, slash) + ".wh." + op.path().substring(slash));
                }
                case OPAQUE -> tar.whiteout(op.path() + "/.wh..wh..opq");
            }
        }
        return tar;
    }

    static Tar[] tars(List<List<Op>> layers) {
        return layers.stream().map(RandomImage::tar).toArray(Tar[]::new);
    }
}
