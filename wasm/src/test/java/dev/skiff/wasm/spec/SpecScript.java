package dev.skiff.wasm.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skiff.wasm.spec.Command.Action;
import dev.skiff.wasm.spec.Command.Refusal;
import dev.skiff.wasm.spec.Command.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A test script of the suite, as its README describes them: a directory with a JSON file of the same name and the modules
 * that it refers to.
 *
 * @param name the directory's name
 * @param commands the commands in order
 */
record SpecScript(String name, List<Command> commands) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** All scripts of the suite, by name. */
    static List<Path> list(Path suite) {
        try (Stream<Path> directories = Files.list(suite)) {
            return directories.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a script; throws on whatever it does not know, so that nothing is skipped unseen. */
    static SpecScript read(Path directory) {
        List<Command> commands = new ArrayList<>();
        for (JsonNode command : json(directory)) {
            commands.add(command(directory, command));
        }
        return new SpecScript(directory.getFileName().toString(), List.copyOf(commands));
    }

    /** How many commands a script has. */
    static int count(Path directory) {
        return json(directory).size();
    }

    private static JsonNode json(Path directory) {
        Path file = directory.resolve(directory.getFileName() + ".json");
        try {
            return JSON.readTree(file.toFile()).required("commands");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static Command command(Path directory, JsonNode json) {
        int line = json.required("line").intValue();
        String type = json.required("type").textValue();
        return switch (type) {
            case "module" -> new Command.Load(line, text(json, "name"), source(directory, json));
            case "module_definition" -> new Command.Define(line, text(json, "name"), source(directory, json));
            case "module_instance" -> new Command.Instantiate(line, text(json, "instance"), text(json, "module"));
            case "register" ->
                new Command.Register(
                        line, text(json, "name"), json.required("as").textValue());
            case "action" -> new Command.Perform(line, action(json));
            case "assert_return" -> new Command.AssertReturn(line, action(json), expected(json.required("expected")));
            case "assert_trap", "assert_exhaustion" ->
                new Command.AssertTrap(line, action(json), json.required("text").textValue());
            case "assert_exception" -> new Command.AssertException(line, action(json));
            case "assert_malformed" -> refused(directory, json, Refusal.MALFORMED);
            case "assert_invalid" -> refused(directory, json, Refusal.INVALID);
            case "assert_unlinkable" -> refused(directory, json, Refusal.UNLINKABLE);
            case "assert_uninstantiable" -> refused(directory, json, Refusal.UNINSTANTIABLE);
            default -> throw new IllegalArgumentException("unknown command " + type + " at line " + line);
        };
    }

    private static Command refused(Path directory, JsonNode json, Refusal refusal) {
        return new Command.AssertRefused(
                json.required("line").intValue(),
                refusal,
                source(directory, json),
                json.required("text").textValue());
    }

    private static Source source(Path directory, JsonNode json) {
        String kind = json.required("module_type").textValue();
        Optional<String> file = switch (kind) {
            case "binary" -> text(json, "filename");
            case "text" -> text(json, "binary_filename");
            default -> throw new IllegalArgumentException("unknown kind of module " + kind);
        };
        return new Source(file.map(directory::resolve));
    }

    private static Action action(JsonNode command) {
        JsonNode json = command.required("action");
        Optional<String> module = text(json, "module");
        String field = json.required("field").textValue();
        String type = json.required("type").textValue();
        return switch (type) {
            case "invoke" -> {
                List<Constant> args = new ArrayList<>();
                json.required("args").forEach(arg -> args.add(constant(arg)));
                yield new Command.Invoke(module, field, args);
            }
            case "get" -> new Command.Get(module, field);
            default -> throw new IllegalArgumentException("unknown action " + type);
        };
    }

    private static List<Expected> expected(JsonNode values) {
        List<Expected> expected = new ArrayList<>();
        for (JsonNode value : values) {
            boolean either = value.required("type").textValue().equals("either");
            expected.add(either ? new Expected.Either(expected(value.required("values"))) : constant(value));
        }
        return expected;
    }

    private static Constant constant(JsonNode json) {
        JsonNode value = json.path("value");
        Optional<String> text = value.isMissingNode()
                ? Optional.empty()
                : Optional.of(value.isTextual() ? value.textValue() : value.toString());
        return new Constant(json.required("type").textValue(), text);
    }

    private static Optional<String> text(JsonNode json, String field) {
        return Optional.ofNullable(json.path(field).textValue());
    }
}
