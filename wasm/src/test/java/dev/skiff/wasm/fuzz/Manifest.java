package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** What a program exports. */
final class Manifest {
    private Manifest() {}

    /** An export; the kind is the binary format's. */
    record Export(String name, int kind, Entity entity) {}

    static List<Export> exports(Program program) {
        var all = new ArrayList<Export>();
        for (var function : program.functions) {
            String name = program.exportName(function);
            if (!name.isEmpty()) {
                all.add(new Export(name, 0, function));
            }
        }
        number(program.tables, "t", 1, all);
        number(program.memories, "m", 2, all);
        for (int i = 0; i < program.globals.size(); i++) {
            if (program.globals.get(i).type != Type.EXNREF) {
                all.add(new Export("g" + i, 3, program.globals.get(i)));
            }
        }
        number(program.tags, "e", 4, all);
        return all;
    }

    private static void number(List<? extends Entity> entities, String letter, int kind, List<Export> to) {
        for (int i = 0; i < entities.size(); i++) {
            to.add(new Export(letter + i, kind, entities.get(i)));
        }
    }
}
