package dev.skiff.containerd;

/**
 * What names a task on this machine.
 *
 * @param namespace containerd's, such as {@code k8s.io}
 * @param id of the container
 */
record TaskKey(String namespace, String id) {}
