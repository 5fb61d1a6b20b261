package dev.skiff.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
                images(arg);
            }
        }
        Main.main(args);
    }

    /** Pushes a module, pulls it and runs it. */
    private static void images(String module) {
        Path scratch = Scratchpad.make();
        try (RehearsalRegistry registry = new RehearsalRegistry()) {
            Path large = Files.write(scratch.resolve("large.wasm"), RehearsalRegistry.module());
            String store = scratch.resolve("store").toString();
            String name = registry.address() + "/rehearsal:v1";
            quietly("registry", "push", large.toString(), registry.address() + "/large:v1");
            quietly("registry", "pull", "--store", store, registry.address() + "/large:v1");
            quietly("registry", "push", module, name);
            quietly("run", "--store", store, name);
            quietly("run", "--store", store, name);
            quietly("images", "ls", "--store", store);
            quietly("registry", "pull", "--store", store, registry.address() + "/nothing");
        } catch (IOException e) {
            // Without it images start a little slower.
            return;
        } finally {
            Scratchpad.remove(scratch);
        }
    }

    private static void quietly(String... command) {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream());
        Main.run(List.of(command), InputStream.nullInputStream(), nowhere, nowhere, System.getenv());
    }
}
