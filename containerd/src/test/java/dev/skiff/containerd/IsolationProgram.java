package dev.skiff.containerd;

import java.util.List;

/** What isolated containers need as a program, from the classes under test. */
final class IsolationProgram {
    private IsolationProgram() {}

    public static void main(String[] args) {
        Runtime.getRuntime().halt(Isolation.run(List.of(args)));
    }
}
