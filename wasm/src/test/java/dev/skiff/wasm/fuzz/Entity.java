package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** Something that instructions refer to; compared by identity, numbered when the program is encoded. */
sealed interface Entity {

    /** A function: imported if {@code imported} is not empty, else with locals and a body. */
    final class Function implements Entity, Frame {
        final Signature signature;
        final String imported;
        /** The name of its export. */
        final String name;

        final List<Local> params = new ArrayList<>();
        final List<Local> locals = new ArrayList<>();
        List<Node> body = new ArrayList<>();
        /** Whether it calls nothing: such functions cost little fuel. */
        boolean leaf = true;

        Function(Signature signature, String imported, String name) {
            this.signature = signature;
            this.imported = imported;
            this.name = name;
            signature.params().forEach(type -> params.add(new Local(type)));
        }

        @Override
        public List<Type> labelTypes() {
            return signature.results();
        }
    }

    /** A parameter or local. */
    final class Local implements Entity {
        final Type type;

        Local(Type type) {
            this.type = type;
        }
    }

    /** A global with its initial value, a constant expression; no initial value means imported. */
    final class Global implements Entity {
        final Type type;
        final boolean mutable;
        final List<Op> init;

        Global(Type type, boolean mutable, List<Op> init) {
            this.type = type;
            this.mutable = mutable;
            this.init = init;
        }

        boolean isImported() {
            return init.isEmpty();
        }
    }

    /** A memory; sizes in pages. */
    final class Memory implements Entity {
        final int min;
        final int max;

        Memory(int min, int max) {
            this.min = min;
            this.max = max;
        }

        long minBytes() {
            return (long) min << 16;
        }
    }

    /** A table; sizes in elements. */
    final class Table implements Entity {
        final Type type;
        final int min;
        final int max;

        Table(Type type, int min, int max) {
            this.type = type;
            this.min = min;
            this.max = max;
        }
    }

    /** An exception tag. */
    final class Tag implements Entity {
        final List<Type> params;

        Tag(List<Type> params) {
            this.params = List.copyOf(params);
        }
    }

    /** A data segment; passive if it has no memory. */
    final class Data implements Entity {
        final Memory memory;
        final List<Op> offset;
        byte[] bytes;

        Data(Memory memory, List<Op> offset, byte[] bytes) {
            this.memory = memory;
            this.offset = offset;
            this.bytes = bytes;
        }
    }

    /** An element segment; passive if it has no table; entries are constant expressions. */
    final class Elements implements Entity {
        final Type type;
        final Table table;
        final List<Op> offset;
        List<Op> entries;

        Elements(Type type, Table table, List<Op> offset, List<Op> entries) {
            this.type = type;
            this.table = table;
            this.offset = offset;
            this.entries = entries;
        }
    }
}
