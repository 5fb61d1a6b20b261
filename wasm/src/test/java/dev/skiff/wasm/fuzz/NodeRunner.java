package dev.skiff.wasm.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;

/** V8, in a process of Node's, which must be on the PATH. */
final class NodeRunner implements Runner, AutoCloseable {
    private static final String COMMAND =
            "ulimit -s 1000000; exec node --stack-size=900000 --experimental-wasm-extended-const \"$1\"";

    private final Path directory;
    private final Process process;
    private final BufferedReader answers;
    private final Writer requests;

    private NodeRunner(Path directory, Process process) {
        this.directory = directory;
        this.process = process;
        this.answers = process.inputReader();
        this.requests = process.outputWriter();
    }

    /** Starts Node, if it is there. */
    static Optional<NodeRunner> start() {
        try {
            var directory = Files.createTempDirectory("skiff-node");
            var script = directory.resolve("oracle.js");
            try (var source = NodeRunner.class.getResourceAsStream("oracle.js")) {
                Files.copy(source, script);
            }
            var process = new ProcessBuilder("sh", "-c", COMMAND, "sh", script.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return Optional.of(new NodeRunner(directory, process));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public String name() {
        return "V8";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of(Trait.TAIL_CALLS, Trait.EXTENDED_CONST, Trait.TYPED_BLOCKS);
    }

    @Override
    public Outcome run(Scenario scenario) {
        try {
            var module = Files.write(directory.resolve("module.wasm"), scenario.wasm());
            var description = Files.write(directory.resolve("module.txt"), scenario.describe());
            requests.write(module + "\t" + description + "\n");
            requests.flush();
            var lines = new ArrayList<String>();
            for (String line = answers.readLine(); line != null && !line.isEmpty(); line = answers.readLine()) {
                lines.add(line);
            }
            if (lines.isEmpty() || lines.getFirst().startsWith("failure: ")) {
                throw new IllegalStateException("V8: " + lines);
            }
            return new Outcome(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        requests.close();
        process.destroy();
        for (String file : new String[] {"module.wasm", "module.txt", "oracle.js"}) {
            Files.deleteIfExists(directory.resolve(file));
        }
        Files.delete(directory);
    }
}
