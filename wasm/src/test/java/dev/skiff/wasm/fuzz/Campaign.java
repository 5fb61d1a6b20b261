package dev.skiff.wasm.fuzz;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Differential fuzzing for as long as is wanted. With the wasm module's test classes compiled:
 *
 * <pre>{@code
 * mvn -pl wasm -am test-compile dependency:build-classpath -Dmdep.outputFile=target/fuzz.classpath
 * java --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED --enable-native-access=ALL-UNNAMED \
 *     -cp "wasm/target/classes:wasm/target/test-classes:$(cat wasm/target/fuzz.classpath)" \
 *     dev.skiff.wasm.fuzz.Campaign MINUTES [FIRST SEED]
 * }</pre>
 *
 * Failing cases are reduced and written to {@code target/fuzz}; once they are put right they belong into the regression
 * tests' resources. With {@code seed NUMBER} in place of the minutes only that case runs.
 */
final class Campaign {
    private static final Duration REDUCTION = Duration.ofMinutes(2);

    private final Differential differential;
    private final Report report = new Report(Path.of("target", "fuzz"));
    private final Map<Shape.Profile, Integer> modules = new EnumMap<>(Shape.Profile.class);
    /** How often something failed in the same way; only the first is reduced. */
    private final Map<String, Integer> failures = new TreeMap<>();

    private Campaign(List<Runner> oracles) {
        differential = new Differential(oracles);
    }

    public static void main(String[] args) {
        if (args.length == 0) {
            System.err.println("usage: Campaign MINUTES [FIRST SEED] | Campaign seed NUMBER");
            System.exit(2);
        }
        var oracles = new ArrayList<Runner>();
        NodeRunner.start().ifPresent(oracles::add);
        var campaign = new Campaign(oracles);
        if (args[0].equals("seed")) {
            campaign.seed(Long.parseLong(args[1]));
        } else {
            long first = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime();
            campaign.run(Duration.ofMinutes(Long.parseLong(args[0])), first);
        }
        System.out.println("modules: " + campaign.modules);
        campaign.failures.forEach((kind, count) -> System.out.println("failed " + count + " times: " + kind));
        System.exit(campaign.failures.isEmpty() ? 0 : 1);
    }

    private void run(Duration time, long first) {
        var end = Instant.now().plus(time);
        System.out.println("seeds from " + first);
        for (long seed = first; Instant.now().isBefore(end); seed++) {
            seed(seed);
        }
    }

    private void seed(long seed) {
        DeepStack.run(() -> {
            var module = RandomModule.of(seed, EnumSet.allOf(Trait.class));
            modules.merge(module.shape().profile(), 1, Integer::sum);
            var failure = differential.run(Scenario.of(module), seed);
            if (failure.isPresent() && failures.merge(failure.get().kind(), 1, Integer::sum) == 1) {
                System.out.println("seed " + seed + " " + module.shape() + "\n"
                        + failure.get().text());
                System.out.println(report.reduce("seed-" + seed, module, differential, seed, REDUCTION));
            }
            return null;
        });
    }
}
