package dev.skiff.bench;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An engine to measure.
 *
 * @param name how it is chosen on the command line
 * @param label how it is called in tables
 * @param driver the command that starts its driver
 * @param environment variables for the driver
 * @param commands the driver's commands that it has; empty means all
 * @param warmup milliseconds before a timing counts
 * @param absent why it cannot be measured here, if it cannot
 */
record Peer(
        String name,
        String label,
        List<String> driver,
        Map<String, String> environment,
        Set<String> commands,
        int warmup,
        Optional<String> absent) {
    Peer {
        driver = List.copyOf(driver);
        environment = Map.copyOf(environment);
        commands = Set.copyOf(commands);
    }

    Peer withEnvironment(Map<String, String> variables) {
        return new Peer(name, label, driver, variables, commands, warmup, absent);
    }

    Peer forCommands(Set<String> only) {
        return new Peer(name, label, driver, environment, only, warmup, absent);
    }

    Peer withWarmup(int millis) {
        return new Peer(name, label, driver, environment, commands, millis, absent);
    }

    boolean has(String command) {
        return commands.isEmpty() || commands.contains(command);
    }
}
