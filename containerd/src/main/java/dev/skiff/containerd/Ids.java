package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import java.util.regex.Pattern;

/** Names of tasks and processes, as containerd allows them. */
final class Ids {
    private static final int MAX_LENGTH = 128;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private Ids() {}

    /**
     * Looks whether a name is one, which can be part of a path or of a line of a log.
     *
     * @return it
     * @throws RpcException if it is none
     */
    static String check(String id) {
        if (id.length() > MAX_LENGTH || !PLAIN.matcher(id).matches()) {
            throw new RpcException(
                    Code.INVALID_ARGUMENT,
                    "an ID has up to " + MAX_LENGTH + " letters, digits and ._- and begins with one of the first two");
        }
        return id;
    }
}
