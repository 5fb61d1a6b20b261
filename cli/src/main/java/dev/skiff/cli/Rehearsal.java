package dev.skiff.cli;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;

/**
 * Does once what users do often, so that the JVM's ahead-of-time cache, made from a run of this, knows the classes: a
 * module is translated, translated code is read, a module is described, a command fails. {@code scripts/build.sh} runs it.
 */
final class Rehearsal {
    private Rehearsal() {}

    /**
     * Ends as the last command does.
     *
     * @param args a command that runs a module: {@code run [OPTION...] MODULE [ARGUMENT...]}
     */
    public static void main(String[] args) {
        quietly("version");
        quietly("run", "no-such-module.wasm");
        quietly(args);
        quietly(args);
        for (String arg : args) {
            if (arg.endsWith(".wasm")) {
                quietly("inspect", arg);
            }
        }
        Main.main(args);
    }

    private static void quietly(String... command) {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream());
        Main.run(List.of(command), InputStream.nullInputStream(), nowhere, nowhere, System.getenv());
    }
}
