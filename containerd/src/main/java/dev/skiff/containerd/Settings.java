package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.Listener;
import dev.skiff.wasm.Limits;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What annotations of a container or its pod say for Skiff: {@code skiff.dev/NAME} for all containers of a pod, and
 * {@code skiff.dev/NAME.CONTAINER} for one, which counts more.
 */
final class Settings {
    private static final String PREFIX = "skiff.dev/";
    private static final String CONTAINER_NAME = "io.kubernetes.cri.container-name";
    private static final String LISTEN = "listen";
    private static final String FUEL = "fuel";
    private static final String TIMEOUT = "timeout";
    private static final String IO_BYTES = "io-bytes-per-second";
    private static final String IO_OPERATIONS = "io-operations-per-second";
    private static final Set<String> NAMES = Set.of(LISTEN, FUEL, TIMEOUT, IO_BYTES, IO_OPERATIONS);
    private static final Pattern QUANTITY = Pattern.compile("([0-9]{1,18})([A-Za-z]*)");
    /** Those of Kubernetes that a rate may have. */
    private static final Map<String, Long> UNITS = Map.of(
            "", 1L, "k", 1_000L, "M", 1_000_000L, "G", 1_000_000_000L, "Ki", 1L << 10, "Mi", 1L << 20, "Gi", 1L << 30);

    private static final int MAX_LISTENERS = 64;

    private final Map<String, String> annotations;
    private final String container;

    private Settings(Map<String, String> annotations, String container) {
        this.annotations = annotations;
        this.container = container;
    }

    /**
     * Reads them.
     *
     * @throws RpcException if one is not known
     */
    static Settings of(Map<String, String> annotations) {
        for (String annotation : annotations.keySet()) {
            if (annotation.startsWith(PREFIX)) {
                String name = annotation.substring(PREFIX.length()).replaceFirst("\\..*", "");
                if (!NAMES.contains(name)) {
                    throw invalid(
                            annotation,
                            "is not known; there are "
                                    + String.join(", ", NAMES.stream().sorted().toList()));
                }
            }
        }
        return new Settings(annotations, annotations.getOrDefault(CONTAINER_NAME, ""));
    }

    private static RpcException invalid(String annotation, String why) {
        return new RpcException(Code.INVALID_ARGUMENT, "the annotation " + annotation + " " + why);
    }

    /** A setting, with the annotation that says it. */
    private record Said(String annotation, String value) {}

    private Optional<Said> said(String name) {
        String own = PREFIX + name + "." + container;
        String annotation = annotations.containsKey(own) ? own : PREFIX + name;
        return Optional.ofNullable(annotations.get(annotation)).map(value -> new Said(annotation, value.strip()));
    }

    /**
     * Where its sockets listen, in order: ports, or addresses with ports.
     *
     * @throws RpcException if something else is said
     */
    List<Listener> listeners() {
        List<Listener> listeners = new ArrayList<>();
        said(LISTEN).ifPresent(said -> {
            for (String each : said.value().split(",", -1)) {
                listeners.add(listener(said, each.strip()));
            }
            if (listeners.size() > MAX_LISTENERS) {
                throw invalid(said.annotation(), "names more than " + MAX_LISTENERS + " sockets");
            }
        });
        return List.copyOf(listeners);
    }

    private static Listener listener(Said said, String text) {
        String address = text.matches("\\d+") ? "0.0.0.0:" + text : text;
        // Names would be looked up, and not with the pod's resolver.
        if (!address.matches("(\\d+\\.\\d+\\.\\d+\\.\\d+|\\[[0-9a-fA-F:.]+\\]):\\d+")) {
            throw invalid(said.annotation(), "must be ports or addresses such as 8080, 127.0.0.1:8080 or [::]:8080");
        }
        try {
            return Listener.parse(address);
        } catch (IllegalArgumentException e) {
            throw invalid(said.annotation(), "must have " + e.getMessage() + ", and not " + text);
        }
    }

    /**
     * Limits with those that are said.
     *
     * @throws RpcException if one is no limit
     */
    Limits applyTo(Limits limits) {
        Limits all = limits;
        Optional<Said> fuel = said(FUEL);
        if (fuel.isPresent()) {
            all = all.withFuel(fuel(fuel.get()));
        }
        Optional<Said> timeout = said(TIMEOUT);
        if (timeout.isPresent()) {
            all = all.withTimeout(duration(timeout.get()));
        }
        Optional<Said> bytes = said(IO_BYTES);
        if (bytes.isPresent()) {
            all = all.withIoBytesPerSecond(quantity(bytes.get(), "a number of bytes above 0, such as 10Mi or 500k"));
        }
        Optional<Said> operations = said(IO_OPERATIONS);
        if (operations.isPresent()) {
            all = all.withIoOperationsPerSecond(quantity(operations.get(), "a number above 0"));
        }
        return all;
    }

    private static long quantity(Said said, String what) {
        Matcher quantity = QUANTITY.matcher(said.value());
        if (quantity.matches() && UNITS.containsKey(quantity.group(2))) {
            long number = Long.parseLong(quantity.group(1));
            long unit = UNITS.get(quantity.group(2));
            if (number > 0 && number <= Long.MAX_VALUE / unit) {
                return number * unit;
            }
        }
        throw invalid(said.annotation(), "must be " + what + ", and not " + said.value());
    }

    private static long fuel(Said said) {
        try {
            long units = Long.parseLong(said.value());
            if (units > 0) {
                return units;
            }
        } catch (NumberFormatException e) {
            // As for 0.
        }
        throw invalid(said.annotation(), "must be a number of instructions above 0, and not " + said.value());
    }

    /** Such as {@code 90s}, {@code 1m30s} or {@code 250ms}. */
    private static Duration duration(Said said) {
        String text = said.value().toLowerCase(Locale.ROOT);
        try {
            Duration duration = text.matches("\\d{1,9}ms")
                    ? Duration.ofMillis(Long.parseLong(text.replace("ms", "")))
                    : Duration.parse("PT" + text);
            if (duration.isPositive()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // As for 0.
        }
        throw invalid(said.annotation(), "must be a time such as 90s, 1m30s or 250ms, and not " + said.value());
    }
}
