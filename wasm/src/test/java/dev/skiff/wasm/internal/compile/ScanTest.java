package dev.skiff.wasm.internal.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.FuncBuilder;
import dev.skiff.wasm.ModuleBuilder;
import dev.skiff.wasm.internal.binary.ModuleDecoder;
import dev.skiff.wasm.internal.binary.Op;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What loops may do between two looks at the stop flag. */
class ScanTest {
    @Test
    void anInnermostLoopLooksNowAndThen() {
        Construct loop = loops(f -> f.loop("").get(0).brIf(0).end()).getFirst();
        assertThat(loop.rounds).isEqualTo(1_000);
        assertThat(loop.pollsFirst).isFalse();
    }

    @Test
    void aLoopOfManyInstructionsLooksMoreOften() {
        Construct loop = loops(f -> {
                    f.loop("");
                    for (int i = 0; i < 10_000; i++) {
                        f.op(Op.NOP);
                    }
                    f.get(0).brIf(0).end();
                })
                .getFirst();
        assertThat(loop.rounds).isBetween(5, 10);
    }

    @Test
    void loopsInLoopsShareTheirRounds() {
        List<Construct> loops = loops(f -> {
            for (int i = 0; i < 5; i++) {
                f.loop("");
            }
            for (int i = 0; i < 5; i++) {
                f.get(0).brIf(0).end();
            }
        });
        long work = 1;
        for (Construct loop : loops) {
            work *= loop.rounds;
        }
        assertThat(work * loops.getLast().cost).isBetween(10_000L, (long) Scan.UNPOLLED_COST);
        assertThat(loops.getFirst().rounds).isEqualTo(1);
        assertThat(loops.getLast().rounds).isEqualTo(1_000);
    }

    @Test
    void ofManyLoopsOneAfterAnotherTheLaterOnesLookFirst() {
        List<Construct> loops = loops(f -> {
            for (int i = 0; i < 1_000; i++) {
                f.loop("").get(0).brIf(0).end();
            }
        });
        long before = loops.stream()
                .takeWhile(loop -> !loop.pollsFirst)
                .mapToLong(loop -> (long) loop.rounds * loop.cost)
                .sum();
        assertThat(before).isBetween(1L, 2L * Scan.UNPOLLED_COST);
        assertThat(loops.subList(100, 1_000)).allMatch(loop -> loop.pollsFirst);
    }

    @Test
    void aLoopThatCallsLooksInEachRound() {
        List<Construct> loops = loops(f -> f.loop("")
                .loop("")
                .get(0)
                .brIf(0)
                .end()
                .get(0)
                .call(f)
                .get(0)
                .brIf(0)
                .end());
        assertThat(loops.get(0).rounds).isZero();
        assertThat(loops.get(1).rounds).isPositive();
    }

    private interface Body {
        void emit(FuncBuilder function);
    }

    private static List<Construct> loops(Body body) {
        ModuleBuilder module = new ModuleBuilder();
        body.emit(module.func("i32 ->"));
        Scan scan = new Scan(ModuleDecoder.decode(module.build(), true), 0, 1_000_000);
        return scan.constructs.values().stream()
                .filter(construct -> construct.op == Op.LOOP)
                .sorted((a, b) -> Integer.compare(a.start, b.start))
                .toList();
    }
}
