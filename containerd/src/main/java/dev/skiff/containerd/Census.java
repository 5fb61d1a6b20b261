package dev.skiff.containerd;

import java.time.Duration;
import java.util.Map;

/**
 * The tasks of a moment, by containerd's namespaces. Namespaces without a task are left out.
 *
 * @param instances how many programs run in each
 * @param pods how many pods there are in each
 * @param memoryBytes linear memory and tables of all programs
 * @param cpu processor time that programs have taken, those too of which no task is left; it never decreases
 * @param throttled how long programs were held back by their share of a processor, as for that
 */
record Census(
        Map<String, Long> instances, Map<String, Long> pods, long memoryBytes, Duration cpu, Duration throttled) {}
