package dev.skiff.wasm.internal.binary;

/** The sections of a module (WebAssembly specification, section 5.5.2), in the order that they must come in. */
enum SectionId {
    TYPE(1, "type"),
    IMPORT(2, "import"),
    FUNCTION(3, "function"),
    TABLE(4, "table"),
    MEMORY(5, "memory"),
    TAG(13, "tag"),
    GLOBAL(6, "global"),
    EXPORT(7, "export"),
    START(8, "start"),
    ELEMENT(9, "element"),
    DATA_COUNT(12, "data count"),
    CODE(10, "code"),
    DATA(11, "data");

    /** The number of custom sections, which may stand anywhere. */
    static final int CUSTOM = 0;

    private static final SectionId[] BY_NUMBER = new SectionId[14];

    static {
        for (SectionId id : values()) {
            BY_NUMBER[id.number] = id;
        }
    }

    private final int number;
    private final String text;

    SectionId(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** The section with a number; null if there is none. */
    static SectionId of(int number) {
        return number > 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    }

    /** The number in the binary. */
    int number() {
        return number;
    }

    /** The name for people. */
    @Override
    public String toString() {
        return text;
    }
}
