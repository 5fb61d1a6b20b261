package dev.skiff.wasm.fuzz;

import java.util.List;

/** Encodes a program in the binary format. */
final class Encoder {
    private static final int FUNC = 0x60;
    private static final int REF_FUNC = 0xD2;

    private final Program program;
    private final Indices indices;

    private Encoder(Program program) {
        this.program = program;
        this.indices = new Indices(program);
    }

    static byte[] encode(Program program) {
        return new Encoder(program).module();
    }

    private byte[] module() {
        var code = code();
        var imports = imports();
        var functions = functions();
        var tags = tags();
        var elements = elements();
        var out = new Bytes().fixed(0x6D736100, 4).fixed(1, 4);
        out.section(1, types());
        out.section(2, imports);
        out.section(3, functions);
        out.section(4, tables());
        out.section(5, memories());
        if (!program.tags.isEmpty()) {
            out.section(13, tags);
        }
        out.section(6, globals());
        out.section(7, exports());
        if (program.start != null) {
            out.section(8, new Bytes().unsigned(indices.of(program.start)));
        }
        out.section(9, elements);
        out.section(12, new Bytes().unsigned(program.data.size()));
        out.section(10, code);
        out.section(11, data());
        return out.toArray();
    }

    private Bytes types() {
        var out = new Bytes().unsigned(indices.types().size());
        for (var type : indices.types()) {
            out.u8(FUNC).unsigned(type.params().size());
            type.params().forEach(param -> out.u8(param.code()));
            out.unsigned(type.results().size());
            type.results().forEach(result -> out.u8(result.code()));
        }
        return out;
    }

    private Bytes imports() {
        var functions =
                program.functions.stream().filter(f -> !f.imported.isEmpty()).toList();
        var globals = program.globals.stream().filter(Entity.Global::isImported).toList();
        var out = new Bytes().unsigned(functions.size() + globals.size());
        for (var function : functions) {
            out.name("env").name(function.imported).u8(0).unsigned(indices.of(function.signature));
        }
        for (var global : globals) {
            out.name("env").name("g" + indices.of(global)).u8(3).u8(global.type.code());
            out.u8(global.mutable ? 1 : 0);
        }
        return out;
    }

    private Bytes functions() {
        var out = new Bytes().unsigned(program.defined().size());
        program.defined().forEach(f -> out.unsigned(indices.of(f.signature)));
        return out;
    }

    private Bytes tables() {
        var out = new Bytes().unsigned(program.tables.size());
        program.tables.forEach(t -> out.u8(t.type.code()).u8(1).unsigned(t.min).unsigned(t.max));
        return out;
    }

    private Bytes memories() {
        var out = new Bytes().unsigned(program.memories.size());
        program.memories.forEach(m -> out.u8(1).unsigned(m.min).unsigned(m.max));
        return out;
    }

    private Bytes tags() {
        var out = new Bytes().unsigned(program.tags.size());
        program.tags.forEach(t -> out.u8(0).unsigned(indices.of(new Signature(t.params, List.of()))));
        return out;
    }

    private Bytes globals() {
        var defined = program.globals.stream().filter(g -> !g.isImported()).toList();
        var out = new Bytes().unsigned(defined.size());
        for (var global : defined) {
            out.u8(global.type.code()).u8(global.mutable ? 1 : 0);
            CodeEncoder.constant(global.init, indices, out);
        }
        return out;
    }

    private Bytes exports() {
        var out = new Bytes();
        var all = Manifest.exports(program);
        out.unsigned(all.size());
        for (var export : all) {
            out.name(export.name()).u8(export.kind()).unsigned(indices.of(export.entity()));
        }
        return out;
    }

    private Bytes elements() {
        var out = new Bytes().unsigned(program.elements.size() + 1);
        program.elements.forEach(segment -> elements(segment, out));
        var declared = indices.referenced();
        out.u8(3).u8(0).unsigned(declared.size());
        declared.forEach(function -> out.unsigned(indices.of(function)));
        return out;
    }

    private void elements(Entity.Elements segment, Bytes out) {
        boolean active = segment.table != null;
        boolean functions = segment.type == Type.FUNCREF
                && segment.entries.stream().allMatch(op -> op.opcode() == REF_FUNC)
                && segment.entries.size() % 2 == 0;
        boolean simple = active && indices.of(segment.table) == 0 && segment.type == Type.FUNCREF;
        out.u8((active ? simple ? 0 : 2 : 1) | (functions ? 0 : 4));
        if (active) {
            if (!simple) {
                out.unsigned(indices.of(segment.table));
            }
            CodeEncoder.constant(segment.offset, indices, out);
        }
        if (!simple) {
            out.u8(functions ? 0 : segment.type.code());
        }
        out.unsigned(segment.entries.size());
        for (var entry : segment.entries) {
            if (functions && entry.immediates().getFirst() instanceof Immediate.Index(Entity function)) {
                out.unsigned(indices.of(function));
            } else {
                CodeEncoder.constant(List.of(entry), indices, out);
            }
        }
    }

    private Bytes code() {
        var out = new Bytes().unsigned(program.defined().size());
        program.defined().forEach(f -> out.sized(CodeEncoder.function(f, indices)));
        return out;
    }

    private Bytes data() {
        var out = new Bytes().unsigned(program.data.size());
        for (var segment : program.data) {
            if (segment.memory == null) {
                out.u8(1);
            } else {
                int memory = indices.of(segment.memory);
                out.u8(memory == 0 ? 0 : 2);
                if (memory != 0) {
                    out.unsigned(memory);
                }
                CodeEncoder.constant(segment.offset, indices, out);
            }
            out.unsigned(segment.bytes.length).raw(segment.bytes);
        }
        return out;
    }
}
