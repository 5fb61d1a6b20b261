package dev.skiff.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the daemon is to the machine. Sizes are in bytes. Immutable.
 *
 * @param started when it began
 */
record DaemonProcess(Instant started) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s*([0-9]{1,12}) kB");

    /** That of the program's jar. */
    String version() {
        return Optional.ofNullable(DaemonProcess.class.getPackage().getImplementationVersion())
                .orElse("unknown");
    }

    String javaVersion() {
        return Runtime.version().toString();
    }

    /** Java objects, some of which nobody needs any more. */
    long heapUsed() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** What the system has given for Java objects. */
    long heapCommitted() {
        return Runtime.getRuntime().totalMemory();
    }

    /** All memory of the process; empty where the system does not say. */
    Optional<Long> resident() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.map(RESIDENT::matcher)
                    .filter(Matcher::matches)
                    .map(line -> Long.parseLong(line.group(1)) << 10)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
