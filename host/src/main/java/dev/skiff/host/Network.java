package dev.skiff.host;

/** Where a workload's sockets are. */
@FunctionalInterface
public interface Network {
    /** This process's. */
    Network OWN = Runnable::run;

    /**
     * Runs what opens sockets, so that they are in this network; returns when it has. What it throws is thrown here.
     *
     * @throws NotRunnableException if there is no such network
     */
    void run(Runnable opening);
}
