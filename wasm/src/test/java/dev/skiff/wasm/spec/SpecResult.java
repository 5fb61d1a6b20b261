package dev.skiff.wasm.spec;

import dev.skiff.wasm.Feature;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What became of a script's commands.
 *
 * @param name the script's name
 * @param passed how many did what they should
 * @param textOnly how many have a module in the text format only
 * @param outOfScope how many depend on a module that needs a feature which the engine does not have
 * @param failures the others, each with its line
 */
record SpecResult(String name, int passed, int textOnly, Map<Feature, Integer> outOfScope, List<String> failures) {

    /** Collects the outcomes of commands. */
    static final class Builder {
        private final String name;
        private final Map<Feature, Integer> outOfScope = new EnumMap<>(Feature.class);
        private final List<String> failures = new ArrayList<>();
        private int passed;
        private int textOnly;

        Builder(String name) {
            this.name = name;
        }

        void passed() {
            passed++;
        }

        void textOnly() {
            textOnly++;
        }

        void outOfScope(Feature feature) {
            outOfScope.merge(feature, 1, Integer::sum);
        }

        void failed(Command command, String why) {
            failures.add("line " + command.line() + ": " + describe(command) + ": " + why);
        }

        SpecResult build() {
            return new SpecResult(name, passed, textOnly, outOfScope, List.copyOf(failures));
        }

        private static String describe(Command command) {
            return switch (command) {
                case Command.Load load -> "module " + file(load.source());
                case Command.Define define -> "definition " + file(define.source());
                case Command.Instantiate instantiate -> "instance";
                case Command.Register register -> "register " + register.as();
                case Command.Perform perform -> perform.action().toString();
                case Command.AssertReturn check -> check.action().toString();
                case Command.AssertTrap check -> check.action().toString();
                case Command.AssertException check -> check.action().toString();
                case Command.AssertRefused check -> "module " + file(check.source());
            };
        }

        private static String file(Command.Source source) {
            return source.binary().map(path -> path.getFileName().toString()).orElse("in the text format");
        }
    }
}
