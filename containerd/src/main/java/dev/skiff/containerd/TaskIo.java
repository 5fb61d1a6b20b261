package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.Stdio;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import dev.skiff.wasi.StandardInput;
import dev.skiff.wasi.StandardOutput;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A process's standard streams, where containerd says: named pipes, or files ({@code file:///path}). Whoever reads a pipe may go away and
 * come back. Thread-safe.
 */
final class TaskIo implements AutoCloseable {
    private final List<Integer> open = new ArrayList<>();
    private final StandardInput in;
    private final StandardOutput out;
    private final StandardOutput err;
    private int inputEnd = -1;

    private TaskIo(String stdin, String stdout, String stderr) {
        try {
            in = input(stdin);
            out = output(stdout);
            err = stderr.equals(stdout) ? out : output(stderr);
        } catch (LinuxException e) {
            close();
            throw new RpcException(Code.UNKNOWN, "a standard stream cannot be opened: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Opens the streams; an empty name is none.
     *
     * @throws RpcException if one cannot be opened
     */
    static TaskIo open(Streams streams) {
        if (streams.terminal()) {
            throw new RpcException(Code.UNIMPLEMENTED, "Wasm tasks have no terminals yet; run it without one");
        }
        return new TaskIo(streams.in(), streams.out(), streams.err());
    }

    private int opened(String path, int flags) {
        int fd = Paths.open(path, flags | OpenFlags.CLOSE_ON_EXEC, 0640);
        open.add(fd);
        return fd;
    }

    private StandardInput input(String name) {
        if (name.isEmpty()) {
            return StandardInput.EMPTY;
        }
        // Opening to read would wait for somebody who writes, and reading end before there is one.
        int fd = opened(name, OpenFlags.READ_ONLY | OpenFlags.NONBLOCK);
        inputEnd = opened(name, OpenFlags.WRITE_ONLY);
        Descriptors.setFlags(fd, Descriptors.flags(fd) & ~OpenFlags.NONBLOCK);
        return new StandardInput.HostDescriptor(fd);
    }

    private StandardOutput output(String name) {
        if (name.isEmpty()) {
            return StandardOutput.DISCARD;
        }
        if (name.startsWith("file://")) {
            String path = URI.create(name).getPath();
            return new StandardOutput.HostDescriptor(
                    opened(path, OpenFlags.WRITE_ONLY | OpenFlags.CREATE | OpenFlags.APPEND));
        }
        if (name.contains("://")) {
            throw new RpcException(
                    Code.UNIMPLEMENTED, "standard streams go to named pipes and files; " + name + " is neither");
        }
        // With both ends here it neither waits for who reads nor breaks when they go.
        return new StandardOutput.HostDescriptor(opened(name, OpenFlags.READ_WRITE));
    }

    Stdio stdio() {
        return new Stdio(in, out, err);
    }

    /** No more input comes than is on its way. */
    synchronized void closeInput() {
        if (inputEnd >= 0) {
            closeDescriptor(inputEnd);
            inputEnd = -1;
        }
    }

    /** Says something on standard error, if that is possible without waiting. */
    synchronized void complain(String text) {
        if (err instanceof StandardOutput.HostDescriptor to && open.contains(to.fd())) {
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

    private void closeDescriptor(int fd) {
        open.remove((Integer) fd);
        Descriptors.close(fd);
    }

    /** Closes all streams; who reads them sees the end. */
    @Override
    public synchronized void close() {
        inputEnd = -1;
        List.copyOf(open).forEach(this::closeDescriptor);
    }
}
