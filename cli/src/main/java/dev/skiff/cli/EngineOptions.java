package dev.skiff.cli;

import dev.skiff.wasm.Engine;
import dev.skiff.wasm.MemoryKind;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/** The options that all commands with an engine share. */
final class EngineOptions {
    static final Option MEMORY = Option.choice(
            "--memory",
            "KIND",
            "Where the guest's memory is kept: off-heap (the default, fastest) or heap (within the JVM's own checks,"
                    + " a second wall).",
            "off-heap",
            "heap");

    private EngineOptions() {}

    /**
     * The engine that the options describe. A cache in its usual place is a convenience: where it cannot be had, there is
     * none. One that was asked for must work.
     */
    static Engine engine(Arguments arguments, Console console) {
        try {
            return engine(arguments, CacheLocation.of(arguments, console));
        } catch (CommandException e) {
            if (CacheLocation.wasChosen(arguments, console)) {
                throw e;
            }
            console.note(arguments, e.getMessage() + "; going on without");
            return engine(arguments, Optional.empty());
        }
    }

    /** The engine that the options describe, with a cache that has to work. */
    static Engine engine(Arguments arguments, Optional<Path> cache) {
        Engine.Builder builder = Engine.builder().memoryKind(memoryKind(arguments));
        cache.ifPresent(builder::codeCache);
        try {
            return builder.build();
        } catch (UncheckedIOException e) {
            throw new CommandException(
                    126, "cannot keep code in " + cache.orElseThrow() + ": " + FileProblem.of(e.getCause()), e);
        }
    }

    private static MemoryKind memoryKind(Arguments arguments) {
        String kind = arguments.value(MEMORY).orElse("off-heap");
        return switch (kind) {
            case "off-heap" -> MemoryKind.OFF_HEAP;
            case "heap" -> MemoryKind.HEAP;
            default -> throw Values.wrong(MEMORY, kind, "off-heap or heap");
        };
    }
}
