package dev.skiff.cli;

import dev.skiff.host.EntryPoint;
import dev.skiff.host.Execution;
import dev.skiff.host.ExitStatus;
import dev.skiff.host.Listener;
import dev.skiff.host.NoEntryPointException;
import dev.skiff.host.Runner;
import dev.skiff.host.Workload;
import dev.skiff.host.WorkloadException;
import dev.skiff.linux.HeadStart;
import dev.skiff.oci.PlainText;
import dev.skiff.wasm.Engine;
import dev.skiff.wasm.LimitException.Limit;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.WasmFrame;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** {@code skiff run}: runs a module until it ends. */
final class RunCommand implements Command {
    @Override
    public CommandSpec spec() {
        return RunOptions.SPEC;
    }

    @Override
    public int run(Arguments arguments, Console console) {
        HeadStart.begin();
        String file = arguments.operands().getFirst();
        try (Programs.Program program = Programs.find(file, arguments, console);
                Engine engine = EngineOptions.engine(arguments, console)) {
            Workload workload = RunOptions.workload(program, arguments, console);
            long start = System.nanoTime();
            try (Execution execution = new Runner(engine).prepare(workload)) {
                noteReady(execution.module(), System.nanoTime() - start, arguments, console);
                int status = run(execution, arguments, console);
                keepCode(engine, execution.module(), arguments, console);
                return status;
            }
        } catch (NoEntryPointException e) {
            throw new CommandException(
                    e.status().code(),
                    "cannot run " + file + ": " + e.getMessage() + "; --invoke calls one of them",
                    e);
        } catch (WorkloadException e) {
            throw new CommandException(e.status().code(), "cannot run " + file + ": " + e.getMessage(), e.getCause());
        }
    }

    private static void noteReady(Module module, long nanos, Arguments arguments, Console console) {
        if (arguments.has(Option.VERBOSE)) {
            String code = module.fromCodeCache() ? "code from the cache" : "code not in the cache yet";
            console.note(
                    arguments,
                    Humane.bytes(module.size()) + ", " + Humane.count(module.definedFunctions(), "function") + ", "
                            + code + "; ready after " + Humane.time(nanos));
        }
    }

    /** What was translated because it was called need not be translated again. Not worth a failure. */
    private static void keepCode(Engine engine, Module module, Arguments arguments, Console console) {
        try {
            if (engine.saveTranslated(module)) {
                console.note(arguments, "its code is in the cache now");
            }
        } catch (UncheckedIOException e) {
            console.note(arguments, "its code could not be kept: " + FileProblem.of(e.getCause()));
        }
    }

    private static int run(Execution execution, Arguments arguments, Console console) {
        for (Listener listener : execution.listening()) {
            console.stderr().println("skiff: listening on " + listener);
        }
        Stopper.install(execution, console.signals());
        ExitStatus status = execution.run();
        report(execution, status, arguments, console);
        return status.code();
    }

    private static void report(Execution execution, ExitStatus status, Arguments arguments, Console console) {
        if (execution.workload().entryPoint() instanceof EntryPoint.Invoke) {
            execution.results().forEach(console.stdout()::println);
            console.stdout().flush();
        }
        status.reason().ifPresent(reason -> console.stderr().println("skiff: " + PlainText.lines(reason)));
        backtrace(status.backtrace(), console);
        if (status instanceof ExitStatus.OutOfMemory outOfMemory) {
            outOfMemory.limit().flatMap(RunCommand::remedy).ifPresent(console.stderr()::println);
        }
        if (status instanceof ExitStatus.HostFailed failed && arguments.has(Option.VERBOSE)) {
            failed.cause().printStackTrace(console.stderr());
        }
    }

    /** What lets a program have more of what it ran out of, if an option does. */
    private static Optional<String> remedy(Limit limit) {
        return switch (limit) {
            case MEMORY -> Optional.of("    --max-memory lets it have more");
            case HEAP_MEMORY -> Optional.of("    --memory off-heap lets it have more");
            case SYSTEM_MEMORY, TABLE_ELEMENTS, INSTANCES, FUNCTION_SIZE -> Optional.empty();
        };
    }

    /** A frame that repeats, as in a runaway recursion, is shown once. */
    private static void backtrace(List<WasmFrame> frames, Console console) {
        int same = 0;
        for (int i = 0; i < frames.size(); i++) {
            same++;
            if (i + 1 < frames.size() && frames.get(i + 1).equals(frames.get(i))) {
                continue;
            }
            String times = same == 1 ? "" : " (" + same + " times)";
            console.stderr().println("    at " + PlainText.of(frames.get(i).toString()) + times);
            same = 0;
        }
    }
}
