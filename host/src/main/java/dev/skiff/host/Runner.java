package dev.skiff.host;

import dev.skiff.linux.FileUser;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Paths;
import dev.skiff.oci.Digest;
import dev.skiff.wasi.PreopenedDirectory;
import dev.skiff.wasi.Preview1;
import dev.skiff.wasm.Engine;
import dev.skiff.wasm.InstanceTemplate;
import dev.skiff.wasm.LinkException;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.Module;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Makes workloads ready to run. Thread-safe; one for an engine is enough. */
public final class Runner {
    private final Engine engine;
    private final ModuleCache modules;

    /** Creates a runner whose guests share an engine, which stays the caller's to close. */
    public Runner(Engine engine) {
        this(engine, 0);
    }

    /**
     * The same for who runs the same modules again and again.
     *
     * @param remembered how many modules stay in memory after their last run, 0 or more
     */
    public Runner(Engine engine, int remembered) {
        this.engine = engine;
        modules = new ModuleCache(remembered);
    }

    /**
     * Reads, checks and links a workload's module, and opens the sockets that it is to have. Nothing of the guest runs.
     *
     * @return the execution to start
     * @throws WorkloadException if it cannot be run
     */
    public Execution prepare(Workload workload) {
        long begun = System.nanoTime();
        ModuleCache.Found found = modules.get(workload.module(), bytes -> ModuleLoader.load(engine, bytes));
        Module module = found.module();
        long loaded = System.nanoTime();
        EntryCall entry = EntryCall.find(module, workload.entryPoint());
        InstanceTemplate template = link(module);
        workload.directories().forEach(Runner::checkDirectory);
        workload.user().ifPresent(Runner::checkUser);
        OpenListeners listeners = OpenListeners.open(workload.network(), workload.listeners());
        Preparation preparation = new Preparation(begun, loaded, System.nanoTime(), found.remembered(), found.digest());
        return new Execution(engine, workload, template, entry, listeners, preparation);
    }

    /**
     * Forgets a module and its code on disk, which nobody needs any more. Executions go on, and who prepares it again has it
     * read again.
     *
     * @param module the digest of its bytes
     * @throws java.io.UncheckedIOException if its code on disk cannot be removed; it is forgotten all the same
     */
    public void forget(Digest module) {
        modules.forget(module).ifPresent(engine::removeFromCodeCache);
    }

    /** What the code of a module is called in the engine's code cache, if it has one and the module was prepared lately. */
    public Optional<String> codeName(Digest module) {
        return modules.name(module);
    }

    /**
     * Says what the code of a module is called that another process has prepared, so that {@link #forget} removes it.
     *
     * @param module the digest of its bytes
     * @param name as {@link #codeName} said
     */
    public void noteCode(Digest module, String name) {
        modules.name(module, name);
    }

    /**
     * Adds to the engine's code cache what was translated since the last time of the modules that are remembered.
     *
     * @return whether there was anything
     * @throws java.io.UncheckedIOException if it cannot be written; then it is tried again the next time
     */
    public boolean saveTranslated() {
        boolean any = false;
        for (Module module : modules.all()) {
            any |= engine.saveTranslated(module);
        }
        return any;
    }

    /** How its modules were used so far. */
    public ModuleUse moduleUse() {
        return modules.use();
    }

    private static InstanceTemplate link(Module module) {
        try {
            return Preview1.addTo(new Linker(), module).prepare(module);
        } catch (LinkException e) {
            throw new NotRunnableException(describe(module, e), e);
        }
    }

    /** Links once more with all that there is, so that the sentence can say what exists. */
    private static String describe(Module module, LinkException first) {
        String problems = first.getMessage();
        try {
            Preview1.addTo(new Linker()).prepare(module);
        } catch (LinkException e) {
            problems = e.getMessage();
        }
        boolean foreign =
                module.imports().stream().anyMatch(wanted -> !wanted.module().equals(Preview1.MODULE));
        return foreign
                ? problems
                        + "\nit was built for another host, such as a browser; build it for WASI 0.1, for example with the"
                        + " target wasm32-wasip1"
                : problems;
    }

    private static void checkUser(FileUser user) {
        try {
            Paths.as(user);
        } catch (LinuxException e) {
            throw new NotRunnableException(
                    "it should reach files as the user " + user.uid() + " of the group " + user.gid()
                            + ", which this process has no right to: " + e.getMessage(),
                    e);
        }
    }

    private static void checkDirectory(PreopenedDirectory directory) {
        Path path = directory.hostPath();
        if (Files.isDirectory(path)) {
            return;
        }
        if (Files.exists(path)) {
            throw new NotRunnableException("it was given " + path + ", which is not a directory");
        }
        throw new NotFoundException("it was given the directory " + path + ", which does not exist");
    }
}
