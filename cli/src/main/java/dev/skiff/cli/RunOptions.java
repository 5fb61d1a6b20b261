package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.host.EntryPoint;
import dev.skiff.host.Listener;
import dev.skiff.host.Workload;
import dev.skiff.oci.ImageProgram;
import dev.skiff.wasi.PreopenedDirectory;
import dev.skiff.wasm.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The options of {@code skiff run}, and the workload that they describe. */
final class RunOptions {
    private static final Option DIR = Option.path(
            "--dir",
            "HOST[::GUEST][:ro]",
            "Lets it use the directory HOST, which it sees as GUEST (without GUEST: under the same name); with :ro it"
                    + " can only read there. May be repeated.");
    private static final Option ENV = Option.value(
            "--env",
            "NAME[=VALUE]",
            "Gives it an environment variable; without =VALUE with the value that it has here, if it has one. May be"
                    + " repeated.");
    private static final Option LISTEN = Option.value(
            "--listen",
            "ADDR:PORT",
            "Opens a TCP socket that listens there and gives it to the program, behind its directories. May be"
                    + " repeated.");
    private static final Option INVOKE = Option.value(
            "--invoke",
            "EXPORT",
            "Calls the exported function EXPORT with the arguments behind FILE and prints its results, one a line.");
    private static final Option TIMEOUT =
            Option.value("--timeout", "TIME", "Stops it after TIME, such as 500ms, 5s or 2m (status 124).");
    private static final Option FUEL = Option.value(
            "--fuel", "N", "Stops it after about N instructions (status 124), in every run at the same one.");
    private static final Option MAX_MEMORY =
            Option.value("--max-memory", "SIZE", "Lets its memory grow to SIZE, such as 64MiB. By default 1GiB.");
    private static final Option CPU = Option.value(
            "--cpu", "SHARE", "Lets it use a share of one processor, such as 0.5: it is slowed, not stopped.");
    private static final Option IO_BYTES = Option.value(
            "--io-bytes",
            "SIZE",
            "Lets it read and write SIZE a second of files, streams and sockets together, such as 10MiB: it is slowed.");
    private static final Option IO_OPERATIONS = Option.value(
            "--io-operations",
            "N",
            "Lets it make N calls a second for that, or to look for and change files: it is slowed.");

    static final CommandSpec SPEC = new CommandSpec(
            "run",
            "Runs a WebAssembly program.",
            "The program can use what you name here and nothing else: without options it has no files, no environment"
                    + " and no network. Its exit status is skiff's. Ctrl-C, SIGTERM and SIGHUP end it; a program that exports"
                    + " __wasm_signal gets them, until the third of the same within two seconds.",
            List.of(
                    new OptionGroup("What the program may use", List.of(DIR, ENV, LISTEN)),
                    new OptionGroup("Limits", List.of(TIMEOUT, FUEL, MAX_MEMORY, CPU, IO_BYTES, IO_OPERATIONS)),
                    new OptionGroup("What is called", List.of(INVOKE)),
                    Programs.IMAGES,
                    new OptionGroup(
                            "Engine", List.of(EngineOptions.MEMORY, CacheLocation.NO_CACHE, CacheLocation.CACHE_DIR)),
                    OptionGroup.OTHER),
            List.of(
                    new Operand(
                            "FILE",
                            "The program: a .wasm file, .wat text, or an image such as ghcr.io/me/app:v1.",
                            Arity.ONE),
                    new Operand("ARG", "What follows FILE is the program's own, options too.", Arity.REST)),
            List.of(
                    new Example("skiff run hello.wasm", "runs a program"),
                    new Example("skiff run ghcr.io/me/app:v1", "gets a program from a registry first"),
                    new Example("skiff run --dir . wc.wasm -l notes.txt", "lets it use this directory"),
                    new Example("skiff run --dir data::/data:ro --env TZ app.wasm", "a directory to read, a variable"),
                    new Example("skiff run --timeout 5s --max-memory 64MiB app.wasm", "within limits"),
                    new Example("skiff run --invoke add math.wasm 2 3", "calls one function")));

    private RunOptions() {}

    /** The workload that the arguments describe. */
    static Workload workload(Programs.Program program, Arguments arguments, Console console) {
        List<String> operands = arguments.operands();
        List<String> rest = operands.subList(1, operands.size());
        Optional<String> invoke = arguments.value(INVOKE);
        Limits limits = limits(arguments);
        Workload.Builder workload = Workload.of(program.source()).limits(limits).stdio(console.guest());
        if (invoke.isPresent()) {
            workload.entryPoint(new EntryPoint.Invoke(invoke.get(), rest));
        }
        List<String> given = invoke.isPresent() ? List.of() : rest;
        workload.arguments(program.image()
                .map(image -> image.arguments(given))
                .orElseGet(() -> guestArguments(operands.getFirst(), given)));
        List<PreopenedDirectory> directories =
                arguments.values(DIR).stream().map(RunOptions::directory).toList();
        directories.forEach(workload::directory);
        program.image().ifPresent(image -> ofImage(image, directories, workload));
        arguments.values(LISTEN).forEach(text -> workload.listener(listener(text)));
        arguments.values(ENV).forEach(text -> environment(text, console, workload));
        return workload.build();
    }

    /** What an image brings along: its environment, and its files unless another directory is in their place. */
    private static void ofImage(ImageProgram image, List<PreopenedDirectory> given, Workload.Builder workload) {
        for (String variable : image.config().environment()) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                workload.environment(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        boolean taken =
                given.stream().anyMatch(directory -> directory.guestPath().equals("/"));
        if (!taken) {
            image.root().ifPresent(root -> workload.directory(PreopenedDirectory.root(root, true)));
        }
    }

    private static Limits limits(Arguments arguments) {
        Limits limits = Limits.DEFAULT;
        Optional<String> fuel = arguments.value(FUEL);
        if (fuel.isPresent()) {
            limits = limits.withFuel(Values.count(FUEL, fuel.get()));
        }
        Optional<String> timeout = arguments.value(TIMEOUT);
        if (timeout.isPresent()) {
            limits = limits.withTimeout(Values.duration(TIMEOUT, timeout.get()));
        }
        Optional<String> memory = arguments.value(MAX_MEMORY);
        if (memory.isPresent()) {
            limits = limits.withMaxMemoryBytes(Values.bytes(MAX_MEMORY, memory.get()));
        }
        Optional<String> cpu = arguments.value(CPU);
        if (cpu.isPresent()) {
            limits = limits.withCpuQuota(Values.share(CPU, cpu.get()));
        }
        Optional<String> bytes = arguments.value(IO_BYTES);
        if (bytes.isPresent()) {
            long number = Values.bytes(IO_BYTES, bytes.get());
            limits = limits.withIoBytesPerSecond(Values.positive(IO_BYTES, bytes.get(), number));
        }
        Optional<String> operations = arguments.value(IO_OPERATIONS);
        if (operations.isPresent()) {
            long number = Values.count(IO_OPERATIONS, operations.get());
            limits = limits.withIoOperationsPerSecond(Values.positive(IO_OPERATIONS, operations.get(), number));
        }
        return limits;
    }

    /** The program learns its file's name, but not where the file lies. */
    private static List<String> guestArguments(String file, List<String> rest) {
        List<String> all = new ArrayList<>();
        all.add(Path.of(file).getFileName().toString());
        all.addAll(rest);
        return all;
    }

    private static PreopenedDirectory directory(String text) {
        boolean readOnly = text.endsWith(":ro");
        String names = readOnly ? text.substring(0, text.length() - ":ro".length()) : text;
        int colons = names.indexOf("::");
        String host = colons < 0 ? names : names.substring(0, colons);
        String guest = colons < 0 ? names : names.substring(colons + 2);
        if (host.isEmpty() || guest.isEmpty()) {
            throw Values.wrong(DIR, text, "HOST[::GUEST][:ro], such as data, data::/data or data::/data:ro");
        }
        return new PreopenedDirectory(Path.of(host), guest, readOnly);
    }

    private static Listener listener(String text) {
        try {
            return Listener.parse(text);
        } catch (IllegalArgumentException e) {
            throw Values.wrong(LISTEN, text, e.getMessage());
        }
    }

    private static void environment(String text, Console console, Workload.Builder workload) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        if (name.isEmpty()) {
            throw Values.wrong(ENV, text, "NAME=VALUE or NAME");
        }
        if (equals >= 0) {
            workload.environment(name, text.substring(equals + 1));
        } else {
            Optional.ofNullable(console.environment().get(name)).ifPresent(value -> workload.environment(name, value));
        }
    }
}
