package dev.skiff.cli;

import dev.skiff.containerd.Isolation;
import java.util.List;

/** What the script starts that stands for runc in isolated pods, and what runs in their containers. */
final class ContainerdIsolation {
    private ContainerdIsolation() {}

    /** Ends as {@link Isolation#run} says; threads of a guest that goes on are no reason to stay. */
    public static void main(String[] args) {
        Runtime.getRuntime().halt(Isolation.run(List.of(args)));
    }
}
