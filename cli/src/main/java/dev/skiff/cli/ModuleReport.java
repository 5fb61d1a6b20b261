package dev.skiff.cli;

import dev.skiff.cli.Table.Align;
import dev.skiff.oci.PlainText;
import dev.skiff.wasm.ExternType;
import dev.skiff.wasm.Feature;
import dev.skiff.wasm.Module;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** What there is to say about a module, as text and as JSON. */
final class ModuleReport {
    private ModuleReport() {}

    /** Prints it with aligned columns. A part that the module does not have is left out. */
    static void print(String file, Module module, PrintStream out) {
        out.println(file);
        Table facts = new Table(Align.LEFT, Align.LEFT);
        module.name().ifPresent(name -> facts.row("name", PlainText.of(name)));
        facts.row("size", Humane.bytes(module.size()) + " (" + Humane.count(module.size()) + " bytes)");
        facts.row("functions", Humane.count(module.definedFunctions()));
        facts.row("digest", "sha256:" + module.digest());
        facts.row("kind", kind(module).text());
        facts.print(out);
        imports(module, out);
        exports(module, out);
        features(module, out);
        sections(module, out);
    }

    private static void imports(Module module, PrintStream out) {
        Table table = new Table(Align.LEFT, Align.LEFT, Align.LEFT);
        module.imports()
                .forEach(i -> table.row(
                        PlainText.of(i.module() + "." + i.name()), i.type().kind(), type(i.type())));
        section("imports", module.imports().size(), table, out);
    }

    private static void exports(Module module, PrintStream out) {
        Table table = new Table(Align.LEFT, Align.LEFT, Align.LEFT);
        module.exports().forEach(e -> table.row(PlainText.of(e.name()), e.type().kind(), type(e.type())));
        section("exports", module.exports().size(), table, out);
    }

    private static void features(Module module, PrintStream out) {
        Table table = new Table(Align.LEFT);
        module.features().forEach(feature -> table.row(feature.toString()));
        section("features", module.features().size(), table, out);
    }

    private static void sections(Module module, PrintStream out) {
        Table table = new Table(Align.LEFT, Align.RIGHT, Align.RIGHT, Align.RIGHT);
        table.row("name", "offset", "bytes", "entries");
        for (Module.Section section : module.sections()) {
            table.row(
                    sectionName(section),
                    "0x" + Long.toHexString(section.offset()),
                    Humane.count(section.size()),
                    section.entries().isPresent()
                            ? Humane.count(section.entries().getAsInt())
                            : "");
        }
        section("sections", module.sections().size(), table, out);
    }

    private static void section(String title, int count, Table table, PrintStream out) {
        if (count > 0) {
            out.println();
            out.println(title + " (" + Humane.count(count) + ")");
            table.print(out);
        }
    }

    private static String sectionName(Module.Section section) {
        return section.id() == 0 ? "custom \"" + PlainText.of(section.name()) + "\"" : section.name();
    }

    /** The type without its kind, which stands in a column or field of its own. */
    private static String type(ExternType type) {
        String text = type.toString();
        return text.startsWith(type.kind() + " ") ? text.substring(type.kind().length() + 1) : text;
    }

    /** The same as maps and lists; names of fields are stable. */
    static Map<String, Object> json(String file, Module module) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("file", file);
        module.name().ifPresent(name -> report.put("name", name));
        report.put("size", module.size());
        report.put("functions", module.definedFunctions());
        report.put("digest", "sha256:" + module.digest());
        report.put("kind", kind(module).name().toLowerCase(Locale.ROOT));
        report.put("imports", jsonImports(module));
        report.put("exports", jsonExports(module));
        report.put(
                "features",
                module.features().stream().map(ModuleReport::featureId).toList());
        report.put(
                "sections",
                module.sections().stream().map(ModuleReport::jsonSection).toList());
        return report;
    }

    private static List<Object> jsonImports(Module module) {
        List<Object> items = new ArrayList<>();
        module.imports().forEach(i -> {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("module", i.module());
            item.put("name", i.name());
            item.put("kind", i.type().kind());
            item.put("type", type(i.type()));
            items.add(item);
        });
        return items;
    }

    private static List<Object> jsonExports(Module module) {
        List<Object> items = new ArrayList<>();
        module.exports().forEach(e -> {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("name", e.name());
            item.put("kind", e.type().kind());
            item.put("type", type(e.type()));
            items.add(item);
        });
        return items;
    }

    private static Map<String, Object> jsonSection(Module.Section section) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("id", section.id());
        item.put("name", section.name());
        item.put("offset", section.offset());
        item.put("bytes", section.size());
        OptionalInt entries = section.entries();
        if (entries.isPresent()) {
            item.put("entries", entries.getAsInt());
        }
        return item;
    }

    private static String featureId(Feature feature) {
        return feature.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static ModuleKind kind(Module module) {
        return ModuleKind.of(module);
    }
}
