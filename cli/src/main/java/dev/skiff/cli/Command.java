package dev.skiff.cli;

/** One of the things that {@code skiff} can be told to do. */
interface Command {
    /** How it is written. */
    CommandSpec spec();

    /**
     * Does it.
     *
     * @return the exit status
     * @throws UsageException if the values of the arguments are wrong
     * @throws CommandException if it could not be done
     */
    int run(Arguments arguments, Console console);
}
