package dev.skiff.cli;

import dev.skiff.host.Similar;
import dev.skiff.host.Stdio;
import dev.skiff.host.WorkloadException;
import dev.skiff.oci.OciException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code skiff} command. */
public final class Main {
    private Main() {}

    /**
     * Runs the command in this process and ends it with the command's exit status. It ends without a detour: nothing here
     * has shutdown hooks, and {@code System.exit} would first set up logging, which takes milliseconds.
     */
    public static void main(String[] args) {
        PrintStream stdout = stream(FileDescriptor.out);
        PrintStream stderr = stream(FileDescriptor.err);
        Terminals terminals = Terminals.ofProcess(System.getenv());
        Console console = new Console(
                System.in,
                stdout,
                stderr,
                Stdio.INHERIT,
                System.getenv(),
                terminals.colours(),
                terminals.animated(),
                new ProcessSignals());
        int status = run(List.of(args), console);
        stdout.flush();
        stderr.flush();
        Runtime.getRuntime().halt(status);
    }

    /**
     * Runs the command within a process that goes on.
     *
     * @param args what would be typed after {@code skiff}
     * @param stdin what the guest reads; not closed
     * @param stdout where it writes; flushed, not closed
     * @param stderr where errors go; flushed, not closed
     * @param environment the variables that the command itself sees
     * @return the exit status
     */
    public static int run(
            List<String> args,
            InputStream stdin,
            PrintStream stdout,
            PrintStream stderr,
            Map<String, String> environment) {
        Stdio guest = Stdio.of(stdin, stdout, stderr);
        int status = run(args, new Console(stdin, stdout, stderr, guest, environment, false, false, Signals.none()));
        stdout.flush();
        stderr.flush();
        return status;
    }

    private static int run(List<String> args, Console console) {
        String name = args.isEmpty() ? "help" : args.getFirst();
        if (name.equals("--help") || name.equals("-h")) {
            name = "help";
        }
        List<String> rest = args.isEmpty() ? args : args.subList(1, args.size());
        boolean verbose = false;
        try {
            Optional<CommandGroup> group = Commands.group(name);
            if (group.isPresent() && (rest.isEmpty() || Option.HELP.names().contains(rest.getFirst()))) {
                return HelpCommand.show(group.get(), console);
            }
            Command command = group.isPresent() ? group.get().find(rest.getFirst()) : find(name);
            Arguments arguments =
                    Arguments.parse(command.spec(), group.isPresent() ? rest.subList(1, rest.size()) : rest);
            if (arguments.has(Option.HELP)) {
                return HelpCommand.show(command.spec(), console);
            }
            verbose = arguments.has(Option.VERBOSE);
            return command.run(arguments, console);
        } catch (UsageException e) {
            return fail(console, verbose, UsageException.STATUS, e);
        } catch (CommandException e) {
            return fail(console, verbose, e.status(), e);
        } catch (WorkloadException e) {
            return fail(console, verbose, e.status().code(), e);
        } catch (OciException e) {
            return fail(console, verbose, 1, e);
        } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
            return internalError(console, verbose, e);
        }
    }

    /** The command of a name; a failure says what there is instead. */
    static Command find(String name) {
        return Commands.find(name).orElseThrow(() -> {
            if (name.endsWith(".wasm") || name.endsWith(".wat") || name.indexOf('/') >= 0) {
                return new UsageException("there is no command " + name + "; to run a module: skiff run " + name);
            }
            if (name.startsWith("-")) {
                return new UsageException("options come after the command: skiff COMMAND " + name
                        + " ...; skiff --help lists the commands");
            }
            String hint = Similar.to(name, Commands.NAMES)
                    .map(similar -> "; did you mean skiff " + similar + "?")
                    .orElse("; skiff --help lists the commands");
            return new UsageException("there is no command " + name + hint);
        });
    }

    private static int fail(Console console, boolean verbose, int status, Throwable failure) {
        console.problem(failure.getMessage());
        if (verbose && failure.getCause() != null) {
            failure.getCause().printStackTrace(console.stderr());
        }
        return status;
    }

    private static int internalError(Console console, boolean verbose, Throwable failure) {
        console.stderr()
                .println("skiff: internal error: " + failure
                        + (verbose ? "" : " (this is a bug in Skiff; run again with -v for details to report)"));
        if (verbose) {
            failure.printStackTrace(console.stderr());
        }
        return 70;
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), 8192), true, StandardCharsets.UTF_8);
    }
}
