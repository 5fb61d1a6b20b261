package dev.skiff.containerd;

import java.util.Arrays;
import java.util.List;

/**
 * Options of an overlay with shorter names of its layers.
 *
 * @param parent a folder that has all layers beneath it
 * @param options in which the layers are named from there
 */
record LowerDirectories(String parent, List<String> options) {
    private static final String LOWER = "lowerdir=";

    /** Shortens the names of layers; where there is nothing to shorten the options stay as they are. */
    static LowerDirectories of(List<String> options) {
        List<String> layers = options.stream()
                .filter(option -> option.startsWith(LOWER))
                .flatMap(
                        option -> Arrays.stream(option.substring(LOWER.length()).split(":")))
                .toList();
        String parent = parent(layers);
        return new LowerDirectories(
                parent,
                options.stream()
                        .map(option -> option.startsWith(LOWER) ? shorter(option, parent) : option)
                        .toList());
    }

    private static String shorter(String option, String parent) {
        return LOWER
                + String.join(
                        ":",
                        Arrays.stream(option.substring(LOWER.length()).split(":"))
                                .map(layer -> layer.substring(parent.length()))
                                .toList());
    }

    /** Up to and with the last slash that all begin with. */
    private static String parent(List<String> layers) {
        String common = layers.isEmpty() ? "/" : layers.getFirst();
        for (String layer : layers) {
            int same = 0;
            while (same < Math.min(common.length(), layer.length()) && common.charAt(same) == layer.charAt(same)) {
                same++;
            }
            common = common.substring(0, same);
        }
        return common.substring(0, common.lastIndexOf('/') + 1);
    }
}
