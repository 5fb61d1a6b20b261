package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;

/** What a real containerd makes of a configuration. */
final class ConfigDump {
    /** Values of options and arrays, and of {@code sandbox_mode}, that mean the same when they are not there. */
    private static final Set<String> UNSAID = Set.of("", "0", "false", "[]", "podsandbox");

    private ConfigDump() {}

    /** All values that say something, but for the names of imported files, which have to differ. */
    static Map<String, Object> values(Path program, Path config) throws IOException, InterruptedException {
        Path out = config.resolveSibling("dump");
        Path err = config.resolveSibling("err");
        int status = new ProcessBuilder(program.toString(), "-c", config.toString(), "config", "dump")
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        assertThat(status).as(() -> Containerd.text(err)).isZero();
        TomlParseResult dump = Toml.parse(Files.readString(out));
        assertThat(dump.errors()).isEmpty();
        Map<String, Object> values = new TreeMap<>();
        dump.dottedEntrySet().forEach(entry -> {
            String value = entry.getValue() instanceof TomlArray array
                    ? array.toJson().replaceAll("\\s", "")
                    : String.valueOf(entry.getValue());
            if (!UNSAID.contains(value)) {
                values.put(entry.getKey(), value);
            }
        });
        values.remove("imports");
        return values;
    }
}
