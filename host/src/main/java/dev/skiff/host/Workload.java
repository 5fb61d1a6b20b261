package dev.skiff.host;

import dev.skiff.linux.FileUser;
import dev.skiff.wasi.PreopenedDirectory;
import dev.skiff.wasm.Limits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What to run, with which capabilities and limits. Immutable. What is not named here, the guest does not have. */
public final class Workload {
    private final ModuleSource module;
    private final EntryPoint entryPoint;
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final List<PreopenedDirectory> directories;
    private final List<Listener> listeners;
    private final Network network;
    private final Limits limits;
    private final Stdio stdio;
    private final Optional<FileUser> user;

    private Workload(Builder builder) {
        module = builder.module;
        entryPoint = builder.entryPoint;
        arguments = List.copyOf(builder.arguments);
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(builder.environment));
        directories = List.copyOf(builder.directories);
        listeners = List.copyOf(builder.listeners);
        network = builder.network;
        limits = builder.limits;
        stdio = builder.stdio;
        user = builder.user;
    }

    /** Starts the description of a workload that runs a module. */
    public static Builder of(ModuleSource module) {
        return new Builder(module);
    }

    /** The module. */
    public ModuleSource module() {
        return module;
    }

    /** Where it begins; by default it is a command. */
    public EntryPoint entryPoint() {
        return entryPoint;
    }

    /** The guest's arguments; the first is the program's own name. */
    public List<String> arguments() {
        return arguments;
    }

    /** The guest's environment variables, in the order in which they were given. */
    public Map<String, String> environment() {
        return environment;
    }

    /** The directories that it may use. */
    public List<PreopenedDirectory> directories() {
        return directories;
    }

    /** The sockets that it finds listening, in order. */
    public List<Listener> listeners() {
        return listeners;
    }

    /** Where these sockets are. */
    public Network network() {
        return network;
    }

    /** What it may use of the machine. */
    public Limits limits() {
        return limits;
    }

    /** Its standard streams; by default none. */
    public Stdio stdio() {
        return stdio;
    }

    /** With whose rights it reaches files; by default this process's. */
    public Optional<FileUser> user() {
        return user;
    }

    /** Describes a workload. Not thread-safe. */
    public static final class Builder {
        private final ModuleSource module;
        private EntryPoint entryPoint = new EntryPoint.Command();
        private List<String> arguments = List.of();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private final List<PreopenedDirectory> directories = new ArrayList<>();
        private final List<Listener> listeners = new ArrayList<>();
        private Network network = Network.OWN;
        private Limits limits = Limits.DEFAULT;
        private Stdio stdio = Stdio.NONE;
        private Optional<FileUser> user = Optional.empty();

        private Builder(ModuleSource module) {
            this.module = Objects.requireNonNull(module, "module");
            arguments = List.of(module.name());
        }

        /** Sets where it begins. */
        public Builder entryPoint(EntryPoint value) {
            entryPoint = Objects.requireNonNull(value, "entryPoint");
            return this;
        }

        /** Sets its arguments; the first is the program's own name. By default only that, the module's name. */
        public Builder arguments(List<String> values) {
            arguments = List.copyOf(values);
            return this;
        }

        /** Adds an environment variable; a second value for a name replaces the first. */
        public Builder environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** Adds a directory that it may use. */
        public Builder directory(PreopenedDirectory directory) {
            directories.add(directory);
            return this;
        }

        /** Adds a socket that it finds listening. */
        public Builder listener(Listener listener) {
            listeners.add(listener);
            return this;
        }

        /** Opens its sockets there; by default where this process is. */
        public Builder network(Network value) {
            network = value;
            return this;
        }

        /** Sets what it may use of the machine. */
        public Builder limits(Limits value) {
            limits = Objects.requireNonNull(value, "limits");
            return this;
        }

        /** Sets its standard streams. */
        public Builder stdio(Stdio value) {
            stdio = Objects.requireNonNull(value, "stdio");
            return this;
        }

        /** Has it reach files with the rights of a user; see {@link dev.skiff.wasi.WasiConfig.Builder#user}. */
        public Builder user(FileUser value) {
            user = Optional.of(value);
            return this;
        }

        /** The workload. */
        public Workload build() {
            return new Workload(this);
        }
    }
}
