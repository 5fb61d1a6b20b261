package dev.skiff.containerd;

import dev.skiff.host.ModuleSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Programs that every container has, to look inside: {@code /skiff/ls} and others. They are one WebAssembly module, and so see no more than
 * the container's own programs do.
 */
enum Tool {
    CAT,
    ENV,
    LS,
    PS;

    private static final String FOLDER = "/skiff/";
    private static final ModuleSource MODULE = read();

    private static ModuleSource read() {
        try (InputStream in = Tool.class.getResourceAsStream("tools.wasm")) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its tools.wasm");
            }
            return new ModuleSource.OfBytes("tools.wasm", in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tool at a path, if there is one. */
    static Optional<Tool> of(String path) {
        return Arrays.stream(values())
                .filter(tool -> path.equals(FOLDER + tool.name().toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /** The module, which looks at its first argument for which tool it is. */
    ModuleSource module() {
        return MODULE;
    }
}
