package dev.skiff.containerd;

import dev.skiff.wasm.Limits;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Where a task's processes run, and what they share: files and limits. Thread-safe. */
interface Container {
    /**
     * Makes the program ready that the container is for.
     *
     * @throws RpcException if it cannot be run, with the reason
     */
    Program main(ProgramIo io);

    /**
     * Makes another program ready (exec).
     *
     * @param processes a table of the container's processes, for people
     * @throws RpcException if it cannot be run, with the reason
     */
    Program further(ProcessSpec process, ProgramIo io, Supplier<String> processes);

    /** Where its sockets are. */
    ContainerNetwork network();

    /** How much memory a process can have at most, in bytes; 0 if it has none. */
    long memoryLimit();

    /** How many processes can run in it, if that is limited. */
    OptionalLong processLimit();

    /**
     * Changes what its processes may use.
     *
     * @return all that they may use now
     * @throws RpcException if that cannot be
     */
    Limits update(Resources resources);

    /** Gives its files back. */
    void release();
}
