package dev.skiff.wasm;

/** An exception tag; two tags are the same only if they are the same object of the store. */
public final class Tag implements Extern {
    private final TagType type;

    private Tag(TagType type) {
        this.type = type;
    }

    /** Creates a new tag, different from every other. */
    public static Tag create(TagType type) {
        return new Tag(type);
    }

    @Override
    public TagType type() {
        return type;
    }
}
