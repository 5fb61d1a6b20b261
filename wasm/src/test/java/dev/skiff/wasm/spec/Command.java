package dev.skiff.wasm.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A command of a specification test script; {@link SpecScript} reads them. */
sealed interface Command {
    /** Line in the script that the command was converted from. */
    int line();

    /** Instantiates a module, which becomes the current one. */
    record Load(int line, Optional<String> name, Source source) implements Command {}

    /** Only compiles a module, for {@link Instantiate}. */
    record Define(int line, Optional<String> name, Source source) implements Command {}

    /** Instantiates a module that was defined before. */
    record Instantiate(int line, Optional<String> name, Optional<String> definition) implements Command {}

    /** Offers an instance to the imports of later modules. */
    record Register(int line, Optional<String> name, String as) implements Command {}

    /** Does something whose results do not matter. */
    record Perform(int line, Action action) implements Command {}

    /** Expects results. */
    record AssertReturn(int line, Action action, List<Expected> expected) implements Command {}

    /** Expects a trap, among them the exhausted call stack. */
    record AssertTrap(int line, Action action, String text) implements Command {}

    /** Expects an exception that the guest does not catch. */
    record AssertException(int line, Action action) implements Command {}

    /** Expects that a module is refused. */
    record AssertRefused(int line, Refusal refusal, Source source, String text) implements Command {}

    /** At which stage a module is to be refused. */
    enum Refusal {
        MALFORMED,
        INVALID,
        UNLINKABLE,
        UNINSTANTIABLE
    }

    /**
     * Where a command's module is.
     *
     * @param binary the module in the binary format; absent if the suite has it only as text
     */
    record Source(Optional<Path> binary) {}

    /** What is done with an instance. */
    sealed interface Action {
        /** Name of the instance; the current one if absent. */
        Optional<String> module();

        /** Name of the export. */
        String field();
    }

    /** Calls an exported function. */
    record Invoke(Optional<String> module, String field, List<Constant> args) implements Action {
        @Override
        public String toString() {
            return field + args;
        }
    }

    /** Reads an exported global. */
    record Get(Optional<String> module, String field) implements Action {
        @Override
        public String toString() {
            return "global " + field;
        }
    }
}
