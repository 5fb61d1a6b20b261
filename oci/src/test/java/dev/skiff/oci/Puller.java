package dev.skiff.oci;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A process of its own that uses a store: for tests that kill it, or start several at once. */
final class Puller {
    private Puller() {}

    /** Arguments: pull STORE REFERENCE..., prune STORE, or lease STORE DIGEST, which holds it until it is killed. */
    public static void main(String[] arguments) throws InterruptedException {
        Store store = Store.at(Path.of(arguments[1]));
        switch (arguments[0]) {
            case "pull" -> {
                try (Registry registry = new Registry(RegistryOptions.DEFAULT
                        .withPlainHttp(true)
                        .withPatience(5, Duration.ofMillis(20), Duration.ofSeconds(10)))) {
                    for (int i = 2; i < arguments.length; i++) {
                        Images.pull(registry, arguments[i], store);
                    }
                }
            }
            case "prune" -> Collector.prune(store);
            case "lease" -> {
                try (FileLock keep = store.keepAll();
                        Lease lease = Lease.take(store, Digest.parse(arguments[2]))) {
                    keep.close();
                    System.out.println("held");
                    Thread.sleep(Duration.ofMinutes(2));
                }
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** Starts it with the class path of the tests. */
    static Process start(String... arguments) throws java.io.IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Puller.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Waits for its end, which must be a good one. */
    static void succeed(Process process) throws java.io.IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(output);
        }
    }
}
