package dev.skiff.wasm.fuzz;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Makes a failing case smaller while it still fails. Changes the program that it is given. */
final class Reducer {
    private final Program program;
    private final Set<Trait> traits;
    private final Predicate<Scenario> fails;
    private final Instant end;
    private List<Scenario.Call> calls;

    private Reducer(
            Program program, List<Scenario.Call> calls, Set<Trait> traits, Predicate<Scenario> fails, Duration time) {
        this.program = program;
        this.calls = calls;
        this.traits = traits;
        this.fails = fails;
        this.end = Instant.now().plus(time);
    }

    /**
     * Reduces a module's program.
     *
     * @param fails whether a scenario still shows the failure
     * @param time when to stop at the latest
     * @return the smallest scenario found
     */
    static Scenario reduce(RandomModule module, Predicate<Scenario> fails, Duration time) {
        var reducer =
                new Reducer(module.program(), module.calls(), module.shape().traits(), fails, time);
        reducer.run();
        return reducer.scenario();
    }

    private Scenario scenario() {
        return Scenario.of(program, calls, traits);
    }

    private boolean stillFails() {
        return fails.test(scenario());
    }

    private boolean outOfTime() {
        return Instant.now().isAfter(end);
    }

    private void run() {
        if (!stillFails()) {
            return;
        }
        boolean changed = true;
        while (changed && !outOfTime()) {
            changed = calls();
            changed |= emptyFunctions();
            for (var function : program.defined()) {
                if (function != program.refuel) {
                    changed |= new BodyReducer(function, this::stillFails, this::outOfTime).reduce();
                }
            }
            changed |= segments();
        }
        prune();
    }

    private boolean calls() {
        boolean changed = false;
        for (int size = calls.size(); size > 0; size /= 2) {
            for (int i = calls.size() - size; i >= 0; i -= size) {
                var before = calls;
                calls = new ArrayList<>(before);
                calls.subList(i, i + size).clear();
                if (outOfTime() || !stillFails()) {
                    calls = before;
                } else {
                    changed = true;
                    size = Math.min(size, Math.max(1, calls.size()));
                    i = Math.min(i, calls.size());
                }
            }
        }
        return changed;
    }

    /** Leaves functions only what gives them their results. */
    private boolean emptyFunctions() {
        boolean changed = false;
        for (var function : program.defined()) {
            var before = function.body;
            if (function == program.refuel
                    || before.size() <= function.signature.results().size()
                    || outOfTime()) {
                continue;
            }
            function.body = new ArrayList<>();
            function.signature.results().forEach(type -> function.body.add(Ops.zero(type)));
            if (stillFails()) {
                changed = true;
            } else {
                function.body = before;
            }
        }
        return changed;
    }

    private boolean segments() {
        boolean changed = false;
        for (var segment : program.elements) {
            var before = segment.entries;
            if (before.stream().anyMatch(op -> op.name().equals("ref.func"))) {
                segment.entries =
                        before.stream().map(op -> Ops.refNull(segment.type)).toList();
                if (stillFails()) {
                    changed = true;
                } else {
                    segment.entries = before;
                }
            }
        }
        for (var segment : program.data) {
            byte[] before = segment.bytes;
            if (before.length > 0) {
                segment.bytes = new byte[0];
                if (stillFails()) {
                    changed = true;
                } else {
                    segment.bytes = before;
                }
            }
        }
        return changed;
    }

    /** Removes functions, one by one, and locals that are no longer needed. */
    private void prune() {
        for (var function : program.defined().reversed()) {
            boolean needed = function == program.refuel
                    || calls.stream().anyMatch(call -> call.export().equals(function.name));
            int index = program.functions.indexOf(function);
            if (!needed && !References.to(function, program) && !outOfTime()) {
                program.functions.remove(index);
                if (!stillFails()) {
                    program.functions.add(index, function);
                }
            }
        }
        for (var function : program.defined()) {
            var before = List.copyOf(function.locals);
            function.locals.removeIf(local -> !References.toEntity(local, function.body));
            if (!stillFails()) {
                function.locals.clear();
                function.locals.addAll(before);
            }
        }
    }
}
