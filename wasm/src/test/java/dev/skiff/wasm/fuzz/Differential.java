package dev.skiff.wasm.fuzz;

import dev.skiff.wasm.MemoryKind;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Compares Skiff, in several configurations, with the model, and the model with other engines. */
final class Differential {
    private static final int SMALLEST_METHOD = 60;
    private static final int LARGEST_METHOD = 1_500;

    /** How long a module may take: all are made to end within a second or so. */
    private static final long SECONDS = 60;

    private final List<Runner> oracles;

    Differential(List<Runner> oracles) {
        this.oracles = oracles;
    }

    /**
     * A failure.
     *
     * @param kind what stays the same while the case is reduced
     * @param text what went wrong
     */
    record Failure(String kind, String text) {}

    /** Runs a module everywhere; the seed decides how functions are split. */
    Optional<Failure> run(Scenario scenario, long seed) {
        var model = new Model();
        var expected = model.run(scenario);
        for (var oracle : oracles) {
            if (oracle.traits().containsAll(scenario.traits())) {
                var difference = expected.difference(oracle.run(scenario));
                if (difference.isPresent()) {
                    String text = "the model differs from " + oracle.name() + ":\n" + difference.get();
                    return Optional.of(new Failure("the oracles do not agree", text));
                }
            }
        }
        return Stream.of(
                        SkiffRunner.of(MemoryKind.OFF_HEAP), SkiffRunner.of(MemoryKind.HEAP), splitting(scenario, seed))
                .flatMap(runner -> compare(scenario, runner, expected).stream())
                .findFirst();
    }

    private static Runner splitting(Scenario scenario, long seed) {
        var rng = new Rng(seed);
        // Large functions in tiny methods would be thousands of methods, which takes long and proves no more.
        int smallest = Math.max(SMALLEST_METHOD, Math.min(LARGEST_METHOD, scenario.wasm().length / 50));
        int methodSize = rng.between(smallest, LARGEST_METHOD);
        var kind = rng.pick(List.of(MemoryKind.values()));
        return switch (rng.below(3)) {
            case 0 -> SkiffRunner.splitting(kind, methodSize);
            case 1 -> SkiffRunner.metered(kind, methodSize);
            default -> SkiffRunner.far(methodSize);
        };
    }

    private static Optional<Failure> compare(Scenario scenario, Runner runner, Outcome expected) {
        Outcome outcome;
        try {
            outcome = DeepStack.run(SECONDS, () -> runner.run(scenario));
        } catch (RuntimeException | LinkageError e) {
            return Optional.of(new Failure(kind(e), runner.name() + " failed: " + trace(e)));
        }
        return outcome.difference(expected).map(difference -> {
            boolean trap = difference.lines().findFirst().orElse("").contains(": trap ");
            String text = runner.name() + " differs from the model:\n" + difference;
            return new Failure(trap ? "a trap that the model does not have" : "a difference", text);
        });
    }

    /** The class, the message without numbers and the place of an exception's cause. */
    private static String kind(Throwable failure) {
        var cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        return cause.getClass().getName() + ": " + message.replaceAll("@[0-9a-f]+|[0-9]+", "#");
    }

    private static String trace(Throwable failure) {
        var text = new java.io.StringWriter();
        failure.printStackTrace(new java.io.PrintWriter(text));
        return text.toString();
    }
}
