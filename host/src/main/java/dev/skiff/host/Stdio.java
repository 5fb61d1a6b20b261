package dev.skiff.host;

import dev.skiff.wasi.StandardInput;
import dev.skiff.wasi.StandardOutput;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A guest's standard streams. The guest reads and writes them unbuffered; they are not closed at its end.
 *
 * @param in what it reads
 * @param out where it writes
 * @param err where it complains
 */
public record Stdio(StandardInput in, StandardOutput out, StandardOutput err) {
    /** Nothing to read; what is written is dropped. */
    public static final Stdio NONE = new Stdio(StandardInput.EMPTY, StandardOutput.DISCARD, StandardOutput.DISCARD);

    /** Those of this process, without a detour over Java's streams. */
    public static final Stdio INHERIT =
            new Stdio(StandardInput.INHERIT, StandardOutput.INHERIT_OUT, StandardOutput.INHERIT_ERR);

    /** Java streams. */
    public static Stdio of(InputStream in, OutputStream out, OutputStream err) {
        return new Stdio(new StandardInput.Stream(in), new StandardOutput.Stream(out), new StandardOutput.Stream(err));
    }
}
