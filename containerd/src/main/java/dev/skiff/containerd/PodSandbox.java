package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import java.util.function.Supplier;

/** The container that stands for a pod, in which nothing runs. */
final class PodSandbox implements Container {
    @Override
    public Program main(TaskIo io) {
        return new PauseProgram();
    }

    @Override
    public Program further(ProcessSpec process, TaskIo io, Supplier<String> processes) {
        throw new RpcException(
                Code.FAILED_PRECONDITION, "nothing runs in the container that stands for a pod; name one of the pod's");
    }

    @Override
    public long memoryLimit() {
        return 0;
    }

    @Override
    public void release() {
        // Nothing of it is mounted.
    }
}
