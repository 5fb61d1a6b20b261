package dev.skiff.containerd;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a kubelet sets for the whole machine, as it was before. */
record KernelSettings(Map<Path, String> before) implements AutoCloseable {
    private static final Path ALL = Path.of("/proc/sys");
    private static final List<String> NAMES = List.of(
            "vm/overcommit_memory",
            "vm/panic_on_oom",
            "kernel/panic",
            "kernel/panic_on_oops",
            "kernel/keys/root_maxkeys",
            "kernel/keys/root_maxbytes");

    static KernelSettings now() throws IOException {
        Map<Path, String> before = new TreeMap<>();
        for (String name : NAMES) {
            Path file = ALL.resolve(name);
            if (Files.exists(file)) {
                before.put(file, read(file));
            }
        }
        return new KernelSettings(Map.copyOf(before));
    }

    /** At once: the kernel has nothing after the first part of one. */
    private static String read(Path file) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return reader.readLine();
        }
    }

    /** Sets what is not so any more. */
    @Override
    public void close() throws IOException {
        for (Map.Entry<Path, String> setting : before.entrySet()) {
            if (!read(setting.getKey()).equals(setting.getValue())) {
                Files.writeString(setting.getKey(), setting.getValue());
            }
        }
    }
}
