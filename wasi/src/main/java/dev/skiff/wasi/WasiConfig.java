package dev.skiff.wasi;

import dev.skiff.linux.FileUser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What one guest gets of its host. Immutable, and good for any number of guests. By default a guest gets nothing: no
 * arguments, an empty environment, no directories, no sockets, an empty input, outputs that go nowhere, and clocks that
 * tick in microseconds.
 */
public final class WasiConfig {
    private final StringTable args;
    private final StringTable env;
    private final List<PreopenedDirectory> directories;
    private final List<Integer> listeners;
    private final Optional<FileUser> user;
    private final StandardInput stdin;
    private final StandardOutput stdout;
    private final StandardOutput stderr;
    private final long clockResolutionNanos;
    private final Optional<RandomGenerator> random;
    private final Beneath beneath;

    private WasiConfig(Builder builder) {
        args = new StringTable(builder.args);
        List<String> variables = new ArrayList<>();
        for (Map.Entry<String, String> variable : builder.env.entrySet()) {
            variables.add(variable.getKey().concat("=").concat(variable.getValue()));
        }
        env = new StringTable(variables);
        directories = List.copyOf(builder.directories);
        listeners = List.copyOf(builder.listeners);
        user = builder.user;
        stdin = builder.stdin;
        stdout = builder.stdout;
        stderr = builder.stderr;
        clockResolutionNanos = builder.clockResolution.toNanos();
        random = builder.random;
        beneath = builder.beneath;
    }

    /** Starts a configuration. */
    public static Builder builder() {
        return new Builder();
    }

    /** The directories that the guest may use. */
    public List<PreopenedDirectory> directories() {
        return directories;
    }

    StringTable args() {
        return args;
    }

    StringTable env() {
        return env;
    }

    List<Integer> listeners() {
        return listeners;
    }

    Optional<FileUser> user() {
        return user;
    }

    StandardInput stdin() {
        return stdin;
    }

    StandardOutput stdout() {
        return stdout;
    }

    StandardOutput stderr() {
        return stderr;
    }

    long clockResolutionNanos() {
        return clockResolutionNanos;
    }

    Optional<RandomGenerator> random() {
        return random;
    }

    Beneath beneath() {
        return beneath == null ? Beneath.best() : beneath;
    }

    /** Collects a configuration. Not thread-safe. */
    public static final class Builder {
        private final List<String> args = new ArrayList<>();
        private final Map<String, String> env = new LinkedHashMap<>();
        private final List<PreopenedDirectory> directories = new ArrayList<>();
        private final List<Integer> listeners = new ArrayList<>();
        private Optional<FileUser> user = Optional.empty();
        private StandardInput stdin = StandardInput.EMPTY;
        private StandardOutput stdout = StandardOutput.DISCARD;
        private StandardOutput stderr = StandardOutput.DISCARD;
        private Duration clockResolution = Duration.ofNanos(1_000);
        private Optional<RandomGenerator> random = Optional.empty();
        private Beneath beneath;

        private Builder() {}

        /** Adds arguments; by convention the first is the program's name. */
        public Builder args(String... more) {
            return args(List.of(more));
        }

        /** Adds arguments. */
        public Builder args(List<String> more) {
            args.addAll(more);
            return this;
        }

        /**
         * Sets a variable of the environment.
         *
         * @throws IllegalArgumentException if the name is empty or contains {@code =}
         */
        public Builder env(String name, String value) {
            if (name.isEmpty() || name.indexOf('=') >= 0) {
                throw new IllegalArgumentException("not a name for a variable of the environment: '" + name + "'");
            }
            env.put(name, value);
            return this;
        }

        /** Gives a directory of the host; the first has descriptor 3, and so on. */
        public Builder directory(PreopenedDirectory directory) {
            directories.add(directory);
            return this;
        }

        /** Gives a directory of the host, to read and write. */
        public Builder directory(Path hostPath, String guestPath) {
            return directory(new PreopenedDirectory(hostPath, guestPath, false));
        }

        /** Gives a directory of the host, to read only. */
        public Builder readOnlyDirectory(Path hostPath, String guestPath) {
            return directory(new PreopenedDirectory(hostPath, guestPath, true));
        }

        /**
         * Gives a listening stream socket; the first has the descriptor after those of the directories, and so on. The
         * guest gets a duplicate; the socket is made non-blocking.
         *
         * @param fd an open descriptor of this process, see {@link dev.skiff.linux.Sockets}
         */
        public Builder listener(int fd) {
            listeners.add(fd);
            return this;
        }

        /**
         * Has the guest reach files with the rights of a user, whom the kernel checks, instead of those of this process, which must have the right to act
         * as anybody (CAP_SETUID and CAP_SETGID). The directories that the guest gets are found with the process's own. Guests like that cannot be on
         * virtual threads.
         */
        public Builder user(FileUser who) {
            user = Optional.of(who);
            return this;
        }

        /** Sets where standard input comes from. */
        public Builder stdin(StandardInput input) {
            stdin = input;
            return this;
        }

        /** Sets where standard output goes. */
        public Builder stdout(StandardOutput output) {
            stdout = output;
            return this;
        }

        /** Sets where standard error goes. */
        public Builder stderr(StandardOutput output) {
            stderr = output;
            return this;
        }

        /** Connects the three standard streams to those of this process. */
        public Builder inheritStdio() {
            return stdin(StandardInput.INHERIT)
                    .stdout(StandardOutput.INHERIT_OUT)
                    .stderr(StandardOutput.INHERIT_ERR);
        }

        /**
         * Sets how fine the clocks are, by which guests could watch each other.
         *
         * @param resolution one nanosecond to one second; default one microsecond
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder clockResolution(Duration resolution) {
            if (resolution.compareTo(Duration.ofNanos(1)) < 0 || resolution.compareTo(Duration.ofSeconds(1)) > 0) {
                throw new IllegalArgumentException("the clock resolution must be one nanosecond to one second");
            }
            clockResolution = resolution;
            return this;
        }

        /**
         * Sets where random numbers come from, for runs that can be repeated; by default from the kernel. The source
         * must be thread-safe if guests on several threads get this configuration.
         */
        public Builder random(RandomGenerator source) {
            random = Optional.of(source);
            return this;
        }

        /** Sets how paths are confined, for tests; by default as well as the kernel can. */
        Builder beneath(Beneath way) {
            beneath = way;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @throws IllegalArgumentException if an argument or variable contains a zero character
         */
        public WasiConfig build() {
            return new WasiConfig(this);
        }
    }
}
