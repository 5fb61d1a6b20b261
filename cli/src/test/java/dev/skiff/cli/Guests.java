package dev.skiff.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The programs of this checkout. */
final class Guests {
    private static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

    private Guests() {}

    /** The file of one of the programs in {@code guests}. */
    static String file(String name) {
        return CHECKOUT.resolve("guests").resolve(name).resolve(name + ".wasm").toString();
    }

    /** The file of one of the programs in {@code examples}. */
    static String example(String name) {
        return CHECKOUT.resolve("examples")
                .resolve(name)
                .resolve(name + ".wasm")
                .toString();
    }

    /** The bytes of a module. */
    static byte[] bytes(String file) {
        try {
            return Files.readAllBytes(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
