package dev.skiff.containerd;

import com.google.gson.JsonObject;
import dev.skiff.linux.Capability;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The sets of capabilities that a process is started with (OCI runtime specification, {@code process.capabilities}), see capabilities(7). Those that are effective
 * there do not matter: which are so in the end is decided when the process executes its program.
 */
record CapabilitySets(
        Set<Capability> bounding, Set<Capability> inheritable, Set<Capability> permitted, Set<Capability> ambient) {
    /** Reads them. A set that is missing is empty, and names that are not known mean nothing, as to runc. */
    static CapabilitySets parse(JsonObject capabilities) {
        return new CapabilitySets(
                set(capabilities, "bounding"),
                set(capabilities, "inheritable"),
                set(capabilities, "permitted"),
                set(capabilities, "ambient"));
    }

    private static Set<Capability> set(JsonObject capabilities, String name) {
        return Json.texts(capabilities, name).stream()
                .map(Capability::named)
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * What a Linux program of the image, to whose file no capabilities are attached, would have after runc has executed it.
     *
     * <p>For root that is all that the bounding set leaves, and under {@code noNewPrivileges} of those only what the process was permitted before. Anybody else has
     * the ambient set, in which the kernel has only what is permitted and inheritable too.
     */
    Set<Capability> ofProgram(long uid, boolean noNewPrivileges) {
        if (uid == 0) {
            return noNewPrivileges ? both(bounding, permitted) : bounding;
        }
        return both(ambient, both(permitted, inheritable));
    }

    private static Set<Capability> both(Set<Capability> some, Set<Capability> others) {
        Set<Capability> both = EnumSet.noneOf(Capability.class);
        both.addAll(some);
        both.retainAll(others);
        return both;
    }
}
