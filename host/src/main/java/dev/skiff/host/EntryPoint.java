package dev.skiff.host;

import java.util.List;

/** Where a workload begins. */
public sealed interface EntryPoint {
    /** The {@code _start} function of a command, a module that runs once from its beginning to its end. */
    record Command() implements EntryPoint {}

    /**
     * An exported function, called after {@code _initialize} if the module has one.
     *
     * @param export the function's name
     * @param arguments its arguments as text, read by the function's own type ({@link Literals})
     */
    record Invoke(String export, List<String> arguments) implements EntryPoint {
        /** Copies the arguments. */
        public Invoke {
            arguments = List.copyOf(arguments);
        }
    }
}
