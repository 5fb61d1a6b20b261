package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.InvalidModuleException;
import dev.skiff.wasm.MalformedModuleException;
import dev.skiff.wasm.Module.Section;
import dev.skiff.wasm.UnsupportedFeatureException;
import dev.skiff.wasm.internal.binary.ModuleData.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Decodes and validates modules (WebAssembly specification, chapters 5 and 3) in one pass over the bytes; bodies of
 * functions come last, and in parallel if there are many.
 *
 * <p>Whatever the bytes are, no more than {@link MalformedModuleException}, {@link InvalidModuleException} and
 * {@link UnsupportedFeatureException} are thrown, and memory is used in proportion to the bytes' number.
 */
public final class ModuleDecoder {
    private static final int HEADER_BYTES = 8;

    private final byte[] binary;
    private final Site site;
    private final Reader in;
    private final Definitions module;
    private final DefinitionSections definitions;
    private final BoundarySections boundary;
    private final List<Section> sections = new ArrayList<>();
    private Bodies bodies;
    private Names names = BodyNames.NONE;
    /** The section before, custom ones apart; null before the first. */
    private SectionId last;

    private ModuleDecoder(byte[] binary) {
        this.binary = binary;
        this.site = new Site(Map.of());
        this.in = new Reader(binary, 0, binary.length, site);
        this.module = new Definitions(binary);
        this.definitions = new DefinitionSections(module, in, site);
        this.boundary = new BoundarySections(module, in, site);
        this.bodies = new Bodies(binary, 0);
    }

    /**
     * Decodes and validates a module.
     *
     * @param binary the bytes; they are kept and must not be changed afterwards
     * @throws MalformedModuleException if the bytes do not follow the binary format
     * @throws InvalidModuleException if the module breaks a validation rule or is larger than the engine takes
     * @throws UnsupportedFeatureException if the module needs a feature that the engine lacks
     */
    public static ModuleData decode(byte[] binary) {
        return decode(binary, true);
    }

    /**
     * Decodes a module; with {@code validateBodies} as {@link #decode(byte[])} does. Without, functions are only passed
     * over, and {@link ModuleData#features} says nothing of their instructions: for bytes that were validated before.
     */
    public static ModuleData decode(byte[] binary, boolean validateBodies) {
        ModuleDecoder decoder = new ModuleDecoder(binary);
        decoder.header();
        decoder.sections();
        if (validateBodies) {
            Map<Integer, String> names = decoder.names.functions();
            decoder.module.features.addAll(new BodyValidation(decoder.module, decoder.bodies, names).validate());
        }
        return decoder.result();
    }

    private void header() {
        if (binary.length < 4) {
            throw site.malformed(0, "unexpected end: a WebAssembly binary has more than " + binary.length + " bytes");
        }
        if (binary[0] != 0 || binary[1] != 'a' || binary[2] != 's' || binary[3] != 'm') {
            throw site.malformed(
                    0, "magic header not detected: a WebAssembly binary starts with the bytes 00 61 73 6d");
        }
        if (binary.length < HEADER_BYTES) {
            throw site.malformed(4, "unexpected end: the bytes end in the version");
        }
        in.skip(4);
        int version = in.f32Bits();
        if (version >>> 16 == 1) {
            throw site.unsupported(4, Feature.COMPONENT_MODEL, "a component and no module");
        }
        if (version != 1) {
            throw site.malformed(
                    4, "unknown binary version 0x" + Integer.toHexString(version) + "; there is only version 1");
        }
    }

    private void sections() {
        while (in.hasMore()) {
            section();
        }
        site.section("");
        int bodyCount = bodies.size();
        int declared = module.functionTypes.size() - module.importedFunctions;
        if (bodyCount != declared) {
            throw site.malformed(
                    binary.length,
                    "function and code section have inconsistent lengths: " + declared + " and " + bodyCount);
        }
        if (module.dataCount > 0 && boundary.data.isEmpty()) {
            throw site.malformed(
                    binary.length,
                    "data count and data section have inconsistent lengths: " + module.dataCount + " and 0");
        }
    }

    private void section() {
        int at = in.position();
        int number = in.u8();
        int length = in.u32();
        int start = in.position();
        if (Integer.compareUnsigned(length, in.remaining()) > 0) {
            throw site.malformed(
                    at,
                    "length out of bounds (unexpected end): section " + number + " has "
                            + Integer.toUnsignedString(length) + " bytes by its header, but only " + in.remaining()
                            + " are left");
        }
        if (sections.size() >= Caps.SECTIONS) {
            throw site.invalid(at, "a module may have " + Caps.SECTIONS + " sections in this engine");
        }
        int end = start + length;
        in.range(start, end);
        if (number == SectionId.CUSTOM) {
            custom(start, end);
        } else {
            SectionId id = SectionId.of(number);
            if (id == null) {
                throw site.malformed(at, "malformed section id: there is no section " + number);
            }
            requireOrder(id, at);
            site.section(id.toString());
            OptionalInt entries = contents(id);
            if (in.hasMore()) {
                throw site.malformed(
                        in.position(),
                        "section size mismatch: the section's contents have ended and " + in.remaining()
                                + " bytes of it are left");
            }
            sections.add(new Section(number, id.toString(), start, length, entries));
        }
        site.section("");
        in.range(end, binary.length);
    }

    private void requireOrder(SectionId id, int at) {
        if (last != null && id.compareTo(last) <= 0) {
            throw site.malformed(
                    at,
                    id == last
                            ? "unexpected content after last section: there are two " + id + " sections"
                            : "unexpected content after last section: the " + id + " section must come before the "
                                    + last + " section");
        }
        last = id;
    }

    private void custom(int start, int end) {
        site.section("custom");
        String name = in.name();
        sections.add(new Section(SectionId.CUSTOM, name, start, end - start, OptionalInt.empty()));
        if (name.equals("name") && names == BodyNames.NONE) {
            names = BodyNames.read(binary, in.position(), end);
        }
    }

    private OptionalInt contents(SectionId id) {
        return switch (id) {
            case TYPE -> OptionalInt.of(definitions.types());
            case IMPORT -> OptionalInt.of(definitions.imports());
            case FUNCTION -> OptionalInt.of(definitions.functions());
            case TABLE -> OptionalInt.of(definitions.tables());
            case MEMORY -> OptionalInt.of(definitions.memories());
            case TAG -> OptionalInt.of(definitions.tags());
            case GLOBAL -> OptionalInt.of(definitions.globals());
            case EXPORT -> OptionalInt.of(boundary.exports());
            case ELEMENT -> OptionalInt.of(boundary.elements());
            case CODE -> OptionalInt.of(bodies());
            case DATA -> OptionalInt.of(boundary.data());
            case START -> {
                boundary.start();
                yield OptionalInt.empty();
            }
            case DATA_COUNT -> {
                boundary.dataCount();
                yield OptionalInt.empty();
            }
        };
    }

    /** The code section (section 5.5.13): only where its bodies are. */
    private int bodies() {
        int count = definitions.count("function bodies", 0, Caps.DEFINITIONS);
        bodies = new Bodies(binary, count);
        for (int i = 0; i < count; i++) {
            int at = in.position();
            int size = in.u32();
            int start = in.position();
            site.function(module.importedFunctions + i);
            in.skip(size);
            if (size > Caps.BODY_BYTES) {
                throw site.invalid(
                        at,
                        "a function body may have " + Caps.BODY_BYTES + " bytes in this engine, and this" + " one has "
                                + size);
            }
            bodies.place(i, start, in.position());
        }
        site.function(-1);
        return count;
    }

    private ModuleData result() {
        FuncType[] functions = new FuncType[module.functionTypes.size()];
        for (int i = 0; i < functions.length; i++) {
            functions[i] = module.functionType(i);
        }
        return new ModuleData(
                binary,
                Collections.unmodifiableList(module.types),
                Collections.unmodifiableList(module.imports),
                Collections.unmodifiableList(Arrays.asList(functions)),
                module.importedFunctions,
                Collections.unmodifiableList(module.tables),
                module.importedTables,
                Collections.unmodifiableList(module.memories),
                module.importedMemories,
                Collections.unmodifiableList(module.globals),
                module.importedGlobals,
                Collections.unmodifiableList(module.tags),
                module.importedTags,
                Collections.unmodifiableList(boundary.exports),
                boundary.start,
                bodies,
                Collections.unmodifiableList(boundary.elements),
                boundary.data,
                module.dataCount >= 0,
                names,
                Collections.unmodifiableList(sections),
                module.features.toSet());
    }
}
