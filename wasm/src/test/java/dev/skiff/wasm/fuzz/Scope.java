package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.List;

/** A structured instruction. Mutable: the generator fills it, the reducer empties it. */
final class Scope implements Node, Frame {
    /** Which instruction it is. */
    enum Kind {
        BLOCK(0x02),
        LOOP(0x03),
        IF(0x04),
        TRY_TABLE(0x1F);

        final int opcode;

        Kind(int opcode) {
            this.opcode = opcode;
        }
    }

    /** A clause of a try_table; without a tag it catches everything. */
    record Catch(Entity.Tag tag, boolean withReference, Frame target) {
        int code() {
            return (tag == null ? 2 : 0) + (withReference ? 1 : 0);
        }
    }

    final Kind kind;
    final Signature signature;
    final List<Catch> catches = new ArrayList<>();
    List<Node> body = new ArrayList<>();
    /** The second arm of an if; null without one. */
    List<Node> orElse;

    Scope(Kind kind, Signature signature) {
        this.kind = kind;
        this.signature = signature;
    }

    @Override
    public List<Type> labelTypes() {
        return kind == Kind.LOOP ? signature.params() : signature.results();
    }

    @Override
    public List<Type> pops() {
        return kind == Kind.IF ? Types.append(signature.params(), Type.I32) : signature.params();
    }

    @Override
    public List<Type> pushes() {
        return signature.results();
    }
}
