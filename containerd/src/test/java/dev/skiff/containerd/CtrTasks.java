package dev.skiff.containerd;

import dev.skiff.containerd.Containerd.Listed;
import dev.skiff.containerd.Containerd.Output;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Tasks of one image of a containerd, made by {@code ctr} in its default namespace. Thread-safe. */
record CtrTasks(Containerd containerd, String image, String runtime) {
    static final String RUNTIME = "io.containerd.skiff.v1";

    private static final String GUESTS = "localhost/guests:v1";
    private static final AtomicInteger NEXT = new AtomicInteger();

    CtrTasks(Containerd containerd, String image) {
        this(containerd, image, RUNTIME);
    }

    /** Tasks of the same image that another runtime has. */
    CtrTasks with(String other) {
        return new CtrTasks(containerd, image, other);
    }

    /** Gives a container image of these files to a containerd. */
    static CtrTasks of(Containerd containerd, LayerFile... files) throws IOException {
        ImageArchive.load(containerd, GUESTS, files);
        return new CtrTasks(containerd, GUESTS);
    }

    /** A name that no task has. */
    static String id() {
        return "t" + NEXT.incrementAndGet();
    }

    /** Runs a program to its end. */
    Output run(String... command) {
        return run(List.of(), command);
    }

    /** The same with options of {@code ctr run}. */
    Output run(List<String> options, String... command) {
        return containerd.ctr(ctrRun("--rm", options, id(), command));
    }

    /** The same with something to read. */
    Output runReading(String input, String... command) {
        return containerd.ctrReading(input, ctrRun("--rm", List.of(), id(), command));
    }

    /** Runs a program to its end, in a task of a name. */
    Output runAs(String id, List<String> options, String... command) {
        return containerd.ctr(ctrRun("--rm", options, id, command));
    }

    /** Starts a task that goes on, and returns its name. */
    String detached(String... command) {
        return detached(List.of(), command);
    }

    /** The same with options of {@code ctr run}. */
    String detached(List<String> options, String... command) {
        String id = id();
        detachedAs(id, options, command);
        return id;
    }

    /** The same with a name. */
    void detachedAs(String id, List<String> options, String... command) {
        containerd.succeed(ctrRun("-d", options, id, command));
    }

    /** Starts a program in a terminal, of which {@code script(1)} has the other end: what that reads is typed. */
    Process inTerminal(String id, String... command) throws IOException {
        String ctr = containerd.command("ctr", ctrRun("--rm", List.of("-t"), id, command));
        return new ProcessBuilder("script", "-qec", ctr, "/dev/null")
                .redirectErrorStream(true)
                .start();
    }

    private String[] ctrRun(String kind, List<String> options, String id, String... command) {
        List<String> all = new ArrayList<>(List.of("run", kind, "--runtime", runtime));
        all.addAll(options);
        all.addAll(List.of(image, id));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    /** Runs another program in a task, to its end. */
    Output exec(String id, String... command) {
        List<String> all = new ArrayList<>(List.of("task", "exec", "--exec-id", id(), id));
        all.addAll(List.of(command));
        return containerd.ctr(all.toArray(String[]::new));
    }

    private Optional<Listed> listed(String id) {
        return containerd.tasks("default").stream()
                .filter(task -> task.id().equals(id))
                .findFirst();
    }

    /** Such as RUNNING; {@code none} if there is no such task. */
    String status(String id) {
        return listed(id).map(Listed::status).orElse("none");
    }

    /** Waits until a task has ended. */
    void awaitEnd(String id) {
        Containerd.until(id + " ends", () -> status(id).equals("STOPPED"));
    }

    /** The process that has a task; 0 if there is no such task. */
    long pid(String id) {
        return listed(id).map(Listed::pid).orElse(0L);
    }

    /** One of the numbers that {@code ctr} has of a task; -1 if it has none of that name. */
    long metric(String id, String name) {
        return containerd
                .ctr("task", "metrics", id)
                .out()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(
                        line -> Long.parseLong(line.replaceFirst("\\S+\\s+", "").strip()))
                .findFirst()
                .orElse(-1);
    }

    /** Ends a task, if it runs, and removes it and its container. */
    void remove(String id) {
        containerd.ctr("task", "rm", "-f", id);
        containerd.succeed("container", "rm", id);
    }
}
