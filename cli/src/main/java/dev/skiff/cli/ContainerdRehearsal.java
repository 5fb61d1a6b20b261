package dev.skiff.cli;

import dev.skiff.containerd.DaemonRehearsal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** Does once what a daemon does, so that the JVM's ahead-of-time cache, made from a run of this, knows the classes. */
final class ContainerdRehearsal {
    private ContainerdRehearsal() {}

    /** Ends with 0 if all went well. */
    public static void main(String[] args) throws IOException {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream());
        Main.run(
                List.of("containerd", "daemon", "--help"),
                InputStream.nullInputStream(),
                nowhere,
                nowhere,
                System.getenv());
        Path scratch = Scratchpad.make();
        try {
            DaemonRehearsal.run(scratch);
        } finally {
            Scratchpad.remove(scratch);
        }
        System.exit(0);
    }
}
