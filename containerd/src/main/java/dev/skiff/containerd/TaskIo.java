package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.Stdio;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Terminals;
import dev.skiff.wasi.StandardInput;
import dev.skiff.wasi.StandardOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;

/**
 * A process's standard streams, where containerd says: named pipes, files ({@code file:///path}) or a logger ({@code binary:///path}), with a terminal
 * in between if it wants one. Whoever reads a pipe may go away and come back. Thread-safe.
 */
final class TaskIo implements ProgramIo, AutoCloseable {
    private final OpenDescriptors open = new OpenDescriptors();
    private final List<OutputPipe> pipes = new ArrayList<>();
    private final Stdio stdio;
    private Optional<BinaryLogger> logger = Optional.empty();
    private Optional<Terminal> terminal = Optional.empty();
    private OptionalInt inputEnd = OptionalInt.empty();

    private TaskIo(TaskKey task, Streams names) {
        try {
            stdio = names.terminal() ? throughTerminal(task, names) : direct(task, names);
        } catch (LinuxException e) {
            close();
            throw new RpcException(Code.UNKNOWN, "a standard stream cannot be opened: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Opens the streams; an empty name is none. With a terminal that of standard error means nothing.
     *
     * @param task whose they are
     * @throws RpcException if one cannot be opened; then nothing stays open
     */
    static TaskIo open(TaskKey task, Streams names) {
        return new TaskIo(task, names);
    }

    private Stdio direct(TaskKey task, Streams names) {
        OptionalInt in = input(names.in());
        // Only who opens it needs it not to wait.
        in.ifPresent(fd -> Descriptors.setFlags(fd, Descriptors.flags(fd) & ~OpenFlags.NONBLOCK));
        StreamTarget out = StreamTarget.of(names.out());
        StreamTarget err = StreamTarget.of(names.err());
        requireOneLogger(out, err);
        StandardOutput first = lent(output(task, out));
        StandardOutput second;
        if (logger.isPresent()) {
            second = new StandardOutput.HostDescriptor(logger.get().err());
        } else {
            second = err.equals(out) ? first : lent(output(task, err));
        }
        StandardInput input = in.isPresent() ? new StandardInput.HostDescriptor(in.getAsInt()) : StandardInput.EMPTY;
        return new Stdio(input, first, second);
    }

    /** Containerd starts the one of standard output for both. */
    private static void requireOneLogger(StreamTarget out, StreamTarget err) {
        boolean alone = out.equals(err) || out instanceof StreamTarget.Logger && err instanceof StreamTarget.None;
        if (!alone && (out instanceof StreamTarget.Logger || err instanceof StreamTarget.Logger)) {
            throw new RpcException(
                    Code.INVALID_ARGUMENT, "a logger takes both streams, so standard error cannot go elsewhere");
        }
    }

    private Stdio throughTerminal(TaskKey task, Streams names) {
        OptionalInt in = input(names.in());
        OptionalInt out = output(task, StreamTarget.of(names.out()));
        Terminal made = Terminal.open(in, out);
        // From here on these are the terminal's to close.
        in.ifPresent(open::handOver);
        out.ifPresent(open::handOver);
        open.add(made.slave());
        terminal = Optional.of(made);
        StandardOutput shown = new StandardOutput.HostDescriptor(made.slave());
        return new Stdio(new StandardInput.HostDescriptor(made.slave()), shown, shown);
    }

    private static StandardOutput lent(OptionalInt fd) {
        return fd.isPresent() ? new StandardOutput.HostDescriptor(fd.getAsInt()) : StandardOutput.DISCARD;
    }

    private OptionalInt input(String name) {
        if (name.isEmpty()) {
            return OptionalInt.empty();
        }
        // Opening to read would wait for somebody who writes, and reading end before there is one.
        int fd = open.open(name, OpenFlags.READ_ONLY | OpenFlags.NONBLOCK);
        inputEnd = OptionalInt.of(open.open(name, OpenFlags.WRITE_ONLY));
        return OptionalInt.of(fd);
    }

    private OptionalInt output(TaskKey task, StreamTarget target) {
        return switch (target) {
            case StreamTarget.None() -> OptionalInt.empty();
            case StreamTarget.NamedPipe(String path) -> {
                OutputPipe pipe = OutputPipe.open(path, OutputPipe.COMING);
                pipes.add(pipe);
                open.add(pipe.spare());
                yield OptionalInt.of(open.add(pipe.writer()));
            }
            case StreamTarget.Appended(String path) -> {
                makeParent(path);
                // A pipe without a reader is refused, where others would wait for one.
                int fd = open.open(
                        path, OpenFlags.WRITE_ONLY | OpenFlags.CREATE | OpenFlags.APPEND | OpenFlags.NONBLOCK);
                Descriptors.setFlags(fd, Descriptors.flags(fd) & ~OpenFlags.NONBLOCK);
                yield OptionalInt.of(fd);
            }
            case StreamTarget.Logger program -> {
                BinaryLogger started = BinaryLogger.start(task, program, BinaryLogger.READY);
                logger = Optional.of(started);
                open.add(started.err());
                yield OptionalInt.of(open.add(started.out()));
            }
        };
    }

    private static void makeParent(String file) {
        Path folder = Path.of(file).getParent();
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        } catch (IOException e) {
            throw new RpcException(Code.UNKNOWN, "the folder of the output " + file + " cannot be made: " + e, e);
        }
    }

    @Override
    public Stdio stdio() {
        return stdio;
    }

    /**
     * Says that the process begins; before that nobody reads what is typed at its terminal.
     *
     * @param signals gets the number of a signal when its key is typed, on a thread that may wait
     */
    void start(IntConsumer signals) {
        terminal.ifPresent(it -> it.start(signals));
    }

    /**
     * Says how large the window of the terminal is, if it has one.
     *
     * @return whether it had another size before
     * @throws RpcException if no window can have that size
     */
    synchronized boolean resize(long columns, long rows) {
        try {
            Terminals.Size size = new Terminals.Size(Math.toIntExact(columns), Math.toIntExact(rows));
            if (terminal.isEmpty() || !open.contains(terminal.get().slave())) {
                return false;
            }
            Terminals.Size before = Terminals.size(terminal.get().slave());
            Terminals.resize(terminal.get().slave(), size);
            return !size.equals(before);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new RpcException(Code.INVALID_ARGUMENT, e.getMessage(), e);
        }
    }

    /** No more input comes than is on its way. */
    synchronized void closeInput() {
        inputEnd.ifPresent(open::close);
        inputEnd = OptionalInt.empty();
    }

    /** Does not wait. */
    @Override
    public synchronized void complain(String text) {
        if (stdio.err() instanceof StandardOutput.HostDescriptor to && open.contains(to.fd())) {
            byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
            int flags = Descriptors.flags(to.fd());
            Descriptors.setFlags(to.fd(), flags | OpenFlags.NONBLOCK);
            try (NativeBytes copy = NativeBytes.of(bytes)) {
                Descriptors.write(to.fd(), copy.address(), bytes.length);
            } catch (LinuxException e) {
                Log.debug("a reason was not said: " + e.getMessage());
            } finally {
                Descriptors.setFlags(to.fd(), flags);
            }
        }
    }

    /**
     * Closes all streams; who reads them sees the end. Who has a pipe open has a second to read what is in it. With a terminal its last output is written
     * before, for which a reader who does not read has two seconds, and a slow one ten. A logger has some seconds more, for which nobody waits.
     */
    @Override
    public void close() {
        pipes.forEach(pipe -> open.close(pipe.spare()));
        pipes.stream()
                .map(OutputPipe::writer)
                .filter(open::contains)
                .forEach(fd -> OutputPipe.awaitRead(fd, OutputPipe.READING));
        synchronized (this) {
            inputEnd = OptionalInt.empty();
            open.closeAll();
        }
        terminal.ifPresent(Terminal::finish);
        logger.ifPresent(BinaryLogger::end);
    }
}
