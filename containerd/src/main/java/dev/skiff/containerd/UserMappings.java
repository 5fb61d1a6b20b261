package dev.skiff.containerd;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.skiff.containerd.RpcException.Code;
import dev.skiff.linux.FileUser;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who a container's users are on this machine (OCI runtime specification, the namespace {@code user}).
 *
 * @param isMapped whether the container has numbers of its own for users and groups; if not, they are the machine's
 * @param users the numbers of its users
 * @param groups the numbers of its groups
 */
record UserMappings(boolean isMapped, List<Range> users, List<Range> groups) {
    /** So many numbers in a row, from {@code inside} on in the container and from {@code outside} on on the machine. */
    record Range(long inside, long outside, long size) {
        Optional<Long> map(long id) {
            return id >= inside && id - inside < size ? Optional.of(outside + (id - inside)) : Optional.empty();
        }
    }

    /** Reads what the configuration says in {@code linux}. */
    static UserMappings parse(JsonObject linux) {
        boolean mapped = Json.elements(linux, "namespaces").stream()
                .anyMatch(each -> Json.text(each.getAsJsonObject(), "type").equals(Optional.of("user")));
        return new UserMappings(mapped, ranges(linux, "uidMappings"), ranges(linux, "gidMappings"));
    }

    private static List<Range> ranges(JsonObject linux, String name) {
        return Json.elements(linux, name).stream().map(UserMappings::range).toList();
    }

    private static Range range(JsonElement element) {
        JsonObject range = element.getAsJsonObject();
        return new Range(
                Json.number(range, "containerID").orElse(0L),
                Json.number(range, "hostID").orElse(0L),
                Json.number(range, "size").orElse(0L));
    }

    /**
     * A user of the container as the machine knows it. Capabilities in a user namespace are to the files of its users alone, which no thread outside can have; so
     * there are none.
     *
     * @throws RpcException if it is not known there
     */
    FileUser onMachine(FileUser user) {
        if (!isMapped) {
            return user;
        }
        return new FileUser(
                map(users, "user", user.uid()),
                map(groups, "group", user.gid()),
                user.groups().stream().map(group -> map(groups, "group", group)).toList(),
                user.umask(),
                Set.of());
    }

    private static long map(List<Range> ranges, String what, long id) {
        return ranges.stream()
                .flatMap(range -> range.map(id).stream())
                .findFirst()
                .orElseThrow(() -> new RpcException(
                        Code.INVALID_ARGUMENT,
                        "the container's user namespace has no mapping for the " + what + " " + id));
    }
}
