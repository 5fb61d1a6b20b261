package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.FileUser;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import dev.skiff.wasm.Limits;
import dev.skiff.wasm.Store;
import java.util.ArrayList;
import java.util.List;

/**
 * What a store's guests have of their host: open descriptors, arguments, clocks. Belongs to the store, whose thread
 * uses it; closed with the store.
 */
public final class Wasi implements AutoCloseable {
    private static final int FIRST_PREOPEN = 3;

    private final WasiConfig config;
    private final Lifetime lifetime;
    private final FdTable fds;
    private final List<Tree> trees = new ArrayList<>();
    private final Waiter waiter;
    private final Throttle throttle;
    private final Vectors vectors;
    private final GuestClocks clocks;
    private final GuestSignals signals;

    private Wasi(WasiConfig config, Limits limits, Lifetime lifetime, GuestSignals signals) {
        this.config = config;
        this.lifetime = lifetime;
        this.signals = signals;
        fds = new FdTable(limits.maxOpenFiles());
        throttle = new Throttle(limits);
        vectors = new Vectors(throttle.mostBytes());
        waiter = new Waiter(lifetime, signals);
        clocks = new GuestClocks(config.clockResolutionNanos());
    }

    /**
     * Gives a store's guests what a configuration says, and makes it part of the store.
     *
     * @throws WasiSetupException if this process may not act as the guest's user, a directory or socket cannot be opened, or there are more of them than the store's
     *     {@link dev.skiff.wasm.Limits#maxOpenFiles}; says which
     */
    public static Wasi attach(Store store, WasiConfig config) {
        return attach(store, config, new GuestSignals());
    }

    /** The same for a guest that gets signals. */
    public static Wasi attach(Store store, WasiConfig config, GuestSignals signals) {
        Wasi wasi = open(config, store.limits(), Lifetime.of(store), signals);
        store.setData(Wasi.class, wasi);
        return wasi;
    }

    private static Wasi open(WasiConfig config, Limits limits, Lifetime lifetime, GuestSignals signals) {
        Wasi wasi = new Wasi(config, limits, lifetime, signals);
        try {
            wasi.openAll();
            return wasi;
        } catch (Failure e) {
            wasi.close();
            throw new WasiSetupException("the guest may have " + limits.maxOpenFiles()
                    + " open files, which its standard streams, directories and sockets exceed; raise that limit");
        } catch (RuntimeException e) {
            wasi.close();
            throw e;
        }
    }

    // Chains of instanceof, not switches over types: those are spun at run time, which a short program would feel.
    private void openAll() {
        Paths paths = config.user().map(Wasi::as).orElse(Paths.OWN);
        if (config.stdin() instanceof StandardInput.HostDescriptor lent) {
            putInput(new HostFile(lent.fd(), HostFile.Ownership.HOST, paths, false));
        } else if (config.stdin() instanceof StandardInput.Stream given) {
            putInput(new StreamInput(given.stream()));
        }
        putOutput(1, config.stdout(), paths);
        putOutput(2, config.stderr(), paths);
        int fd = FIRST_PREOPEN;
        for (PreopenedDirectory directory : config.directories()) {
            fds.put(fd++, Descriptor.preopen(open(directory, paths), directory.guestPath()));
        }
        for (int listener : config.listeners()) {
            fds.put(fd++, new Descriptor(open(listener), Rights.LISTENER, Rights.CONNECTION, 0));
        }
    }

    private void putInput(Handle handle) {
        fds.put(0, new Descriptor(handle, Rights.INPUT, Rights.NONE, 0));
    }

    private void putOutput(int number, StandardOutput output, Paths paths) {
        if (output instanceof StandardOutput.HostDescriptor lent) {
            putOutput(number, new HostFile(lent.fd(), HostFile.Ownership.HOST, paths, false));
        } else if (output instanceof StandardOutput.Stream given) {
            putOutput(number, new StreamOutput(given.stream()));
        }
    }

    private void putOutput(int number, Handle handle) {
        fds.put(number, new Descriptor(handle, Rights.OUTPUT, Rights.NONE, 0));
    }

    private static Paths as(FileUser user) {
        try {
            return Paths.as(user);
        } catch (LinuxException e) {
            throw new WasiSetupException("this process has no right to reach files as the user " + user.uid()
                    + " of the group " + user.gid() + ": " + e.errno().text());
        }
    }

    private Directory open(PreopenedDirectory directory, Paths paths) {
        try {
            Tree tree = tree(directory, paths);
            trees.add(tree);
            return Directory.open(directory.hostPath().toString(), tree);
        } catch (LinuxException e) {
            throw new WasiSetupException(
                    "cannot open the directory '" + directory.hostPath() + "', which the guest is to see as '"
                            + directory.guestPath() + "': " + e.errno().text());
        }
    }

    private Tree tree(PreopenedDirectory directory, Paths paths) {
        return directory.bounds() == PreopenedDirectory.Bounds.ROOT
                ? Tree.rooted(directory.hostPath().toString(), paths, directory.readOnly(), config.beneath())
                : Tree.refusing(paths, directory.readOnly(), config.beneath());
    }

    private static HostListener open(int listener) {
        try {
            Descriptors.setFlags(listener, Descriptors.flags(listener) | OpenFlags.NONBLOCK);
            return new HostListener(Descriptors.duplicate(listener));
        } catch (LinuxException e) {
            throw new WasiSetupException("cannot give the guest the listening socket " + listener + ": "
                    + e.errno().text());
        }
    }

    WasiConfig config() {
        return config;
    }

    Lifetime lifetime() {
        return lifetime;
    }

    FdTable fds() {
        return fds;
    }

    Waiter waiter() {
        return waiter;
    }

    Throttle throttle() {
        return throttle;
    }

    Vectors vectors() {
        return vectors;
    }

    GuestClocks clocks() {
        return clocks;
    }

    /** The signals that the guests get. */
    public GuestSignals signals() {
        return signals;
    }

    /** Closes everything that the guests have open. Idempotent. */
    @Override
    public void close() {
        fds.close();
        trees.forEach(Tree::close);
        trees.clear();
        waiter.close();
        vectors.close();
    }
}
