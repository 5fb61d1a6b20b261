package dev.skiff.cli;

import dev.skiff.host.FileKind;
import dev.skiff.host.ModuleSource;
import java.nio.file.Path;

/** Finds the module that an argument names. */
final class Sources {
    private Sources() {}

    /**
     * The contents of a file; a module's text is assembled by a tool on the PATH.
     *
     * @throws dev.skiff.host.WorkloadException if there is no file or it cannot be read
     * @throws CommandException if it is text that cannot be assembled
     */
    static ModuleSource of(String file, Console console) {
        Path path = Path.of(file);
        byte[] bytes = new ModuleSource.OfFile(path).read();
        FileKind kind = FileKind.of(bytes);
        if (kind == FileKind.MODULE_TEXT) {
            bytes = new Assembler(console).assemble(path);
        }
        return new ModuleSource.OfBytes(file, bytes);
    }
}
