package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The names that layers give to files. */
final class ImagePath {
    private static final int SHOWN = 200;

    private ImagePath() {}

    /**
     * The path from the root that a name in a layer means: without empty components, {@code .} and {@code ..}, which does not lead
     * out of the root. Like the tools that write layers, this looks at the text alone, not at links.
     *
     * @return components with slashes between; empty for the root
     * @throws OciException if it cannot be a name, or is too long
     */
    static String clean(String name, String layer, UnpackLimits limits) {
        if (name.indexOf('\0') >= 0) {
            throw new OciException(Problem.INVALID, layer + " has an entry whose name has a zero byte: " + shown(name));
        }
        checkLength(bytes(name), "an entry's name", name, layer, limits.pathBytes());
        List<String> components = new ArrayList<>();
        for (String component : name.split("/")) {
            if (component.equals("..")) {
                if (!components.isEmpty()) {
                    components.removeLast();
                }
            } else if (!component.isEmpty() && !component.equals(".")) {
                checkLength(bytes(component), "a component of a name", name, layer, UnpackLimits.NAME_BYTES);
                components.add(component);
            }
        }
        return String.join("/", components);
    }

    private static void checkLength(int length, String what, String name, String layer, int limit) {
        if (length > limit) {
            throw new OciException(
                    Problem.TOO_LARGE,
                    layer + " has " + what + " that is longer than the limit of " + limit + " bytes: " + shown(name));
        }
    }

    /** All but the last component; empty if there is one alone. */
    static String parent(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
    }

    /** The last component. */
    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The length in UTF-8. */
    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** A stranger's text for a message: not too long, and nothing in it that a terminal obeys or that starts a line. */
    static String shown(String text) {
        boolean cut = text.codePointCount(0, text.length()) > SHOWN;
        return cut ? PlainText.of(text.substring(0, text.offsetByCodePoints(0, SHOWN))) + "..." : PlainText.of(text);
    }
}
