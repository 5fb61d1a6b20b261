package dev.skiff.cli;

import java.nio.file.Path;
import java.util.Optional;

/** Where translated code is kept. */
final class CacheLocation {
    static final Option CACHE_DIR = Option.path(
            "--cache-dir",
            "DIR",
            "Keeps translated code in DIR. By default in $SKIFF_CACHE, or else $XDG_CACHE_HOME/skiff, or else"
                    + " ~/.cache/skiff.");
    static final Option NO_CACHE =
            Option.flag("Neither reads nor writes translated code that is kept on disk.", "--no-cache");

    private CacheLocation() {}

    /** The directory that the options or the environment name; empty if there is none or the cache is turned off. */
    static Optional<Path> of(Arguments arguments, Console console) {
        if (arguments.has(NO_CACHE)) {
            return Optional.empty();
        }
        return arguments
                .value(CACHE_DIR)
                .or(() -> console.variable("SKIFF_CACHE"))
                .map(Path::of)
                .or(() -> absolute(console, "XDG_CACHE_HOME").map(home -> home.resolve("skiff")))
                .or(() -> absolute(console, "HOME").map(home -> home.resolve(".cache/skiff")));
    }

    /** Whether somebody named the directory for Skiff, rather than that it is where such things usually are. */
    static boolean wasChosen(Arguments arguments, Console console) {
        return arguments.has(CACHE_DIR) || console.variable("SKIFF_CACHE").isPresent();
    }

    /** The XDG base directory specification has relative paths ignored. */
    private static Optional<Path> absolute(Console console, String variable) {
        return console.variable(variable).map(Path::of).filter(Path::isAbsolute);
    }
}
