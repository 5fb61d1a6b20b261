package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.oci.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs openssl in a folder. */
record OpenSsl(Path folder) {
    static OpenSsl in(Path folder) {
        return new OpenSsl(folder);
    }

    /** Runs a command and tells the file that it wrote with {@code -out}. */
    Path write(String file, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Tool.OPENSSL.require().toString()));
        command.addAll(List.of(arguments));
        command.addAll(2, List.of("-out", file));
        Path output = Files.createTempFile(folder, "openssl", ".out");
        int status = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        assertThat(status).as(command + ": " + Files.readString(output)).isZero();
        return folder.resolve(file);
    }
}
