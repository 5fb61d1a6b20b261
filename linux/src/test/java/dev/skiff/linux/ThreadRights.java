package dev.skiff.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the kernel says of the calling thread's user, groups and capabilities, for tests. */
record ThreadRights(List<String> lines) {
    static ThreadRights now() throws IOException {
        return new ThreadRights(Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .filter(line -> line.matches("(Uid|Gid|Groups|Cap\\w+):.*"))
                .toList());
    }
}
