package dev.skiff.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes a module of WebAssembly text, with the first known tool that the PATH has. */
final class Assembler {
    /**
     * A program that assembles.
     *
     * @param name its file name
     * @param before its arguments before the input file; {@code -o OUTPUT} follows the file
     */
    private record Tool(String name, List<String> before) {}

    private static final List<Tool> TOOLS = List.of(
            new Tool("wasm-tools", List.of("parse")),
            new Tool("wat2wasm", List.of("--enable-all", "--debug-names")),
            new Tool("wasm-as", List.of("-all", "-g")));

    private final Console console;

    Assembler(Console console) {
        this.console = console;
    }

    /** The module that a text file describes. */
    byte[] assemble(Path text) {
        for (Tool tool : TOOLS) {
            Optional<Path> program = onPath(tool.name());
            if (program.isPresent()) {
                return assemble(text, tool, program.get());
            }
        }
        throw new CommandException(
                126,
                "cannot assemble " + text
                        + ": it is a module in the text format, and no wasm-tools, wat2wasm or wasm-as"
                        + " is on the PATH; install one of them (Debian: apt install wabt), or give the .wasm file");
    }

    private byte[] assemble(Path text, Tool tool, Path program) {
        try {
            Path binary = Files.createTempFile("skiff-", ".wasm");
            try {
                List<String> command = new ArrayList<>();
                command.add(program.toString());
                command.addAll(tool.before());
                command.addAll(List.of(text.toString(), "-o", binary.toString()));
                Process process =
                        new ProcessBuilder(command).redirectErrorStream(true).start();
                process.getOutputStream().close();
                String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (process.waitFor() != 0) {
                    throw new CommandException(
                            126, "cannot assemble " + text + ": " + tool.name() + " says:\n" + said.stripTrailing());
                }
                return Files.readAllBytes(binary);
            } finally {
                Files.deleteIfExists(binary);
            }
        } catch (IOException e) {
            throw new CommandException(
                    126, "cannot assemble " + text + ": running " + tool.name() + " failed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException(126, "cannot assemble " + text + ": interrupted", e);
        }
    }

    private Optional<Path> onPath(String name) {
        for (String directory : console.variable("PATH").orElse("").split(":")) {
            Path program = Path.of(directory.isEmpty() ? "." : directory, name);
            if (Files.isExecutable(program) && !Files.isDirectory(program)) {
                return Optional.of(program);
            }
        }
        return Optional.empty();
    }
}
