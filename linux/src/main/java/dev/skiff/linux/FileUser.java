package dev.skiff.linux;

import java.util.List;
import java.util.Set;

/**
 * A user as the kernel's checks of files know one, see credentials(7) and capabilities(7).
 *
 * @param uid the user's number, 0 to 4,294,967,294
 * @param gid the number of the group that gets the files that the user makes; the same range
 * @param groups numbers of the further groups whose files the user may use as they may, at most 65,536
 * @param umask permission bits that files and directories made by the user do not get, beside those that this process withholds from all; 0 to 0777
 * @param capabilities what the user may beyond that, as far as this process may; the number 0 alone gives none
 */
public record FileUser(long uid, long gid, List<Long> groups, int umask, Set<Capability> capabilities) {
    /** May do what this process may. */
    public static final FileUser ROOT = new FileUser(0, 0, List.of(), 0, Capability.ALL);

    private static final long MAX_ID = 0xffff_fffeL;
    private static final int MAX_GROUPS = 65_536;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public FileUser {
        check("user", uid);
        check("group", gid);
        groups = List.copyOf(groups);
        groups.forEach(group -> check("group", group));
        if (groups.size() > MAX_GROUPS) {
            throw new IllegalArgumentException("a user cannot have more than " + MAX_GROUPS + " groups");
        }
        if ((umask & ~0777) != 0) {
            throw new IllegalArgumentException("no umask: " + umask);
        }
        capabilities = Set.copyOf(capabilities);
    }

    private static void check(String what, long id) {
        if (id < 0 || id > MAX_ID) {
            throw new IllegalArgumentException("no number of a " + what + ": " + id);
        }
    }

    /** Whether it is root, and needs no group's rights. */
    boolean isRoot() {
        return uid == 0 && gid == 0 && capabilities.contains(Capability.CAP_DAC_OVERRIDE);
    }
}
