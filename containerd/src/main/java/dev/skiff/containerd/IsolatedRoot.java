package dev.skiff.containerd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the folder that is the root of all isolated containers, read-only: the libraries of this machine that a JVM needs, and places for what is mounted.
 * The JDK is mounted where it is on this machine.
 */
final class IsolatedRoot {
    /** Where the libraries are, as a JVM within sees it. */
    static final String LIBRARIES = "/lib";

    /** What the programs of a JDK consist of that is loaded here. */
    private static final List<String> LOADED = List.of(
            "server/libjvm.so",
            "libjava.so",
            "libjimage.so",
            "libnet.so",
            "libnio.so",
            "libzip.so",
            "libextnet.so",
            "libmanagement.so",
            "libmanagement_ext.so",
            "libsyslookup.so",
            "libverify.so");

    private static final Pattern LIBRARY =
            Pattern.compile("^\\s*(\\S+) => (/\\S+) \\(0x[0-9a-f]+\\)$", Pattern.MULTILINE);
    private static final Pattern LOADER = Pattern.compile("^\\s*(/\\S*ld\\S*) \\(0x[0-9a-f]+\\)$", Pattern.MULTILINE);

    private IsolatedRoot() {}

    /**
     * Makes it; what is there already stays, or is replaced.
     *
     * @param home of the JDK
     * @throws IOException if it is a JDK whose libraries cannot be told, because it is not for the GNU C library
     */
    static void make(Path folder, Path home) throws IOException {
        Map<Path, Path> files = libraries(home);
        linked(home).forEach(file -> files.put(file, file));
        for (String place : List.of("proc", "dev", IsolatedBundle.FILES.substring(1))) {
            directory(folder, folder.resolve(place));
        }
        for (Map.Entry<Path, Path> each : files.entrySet()) {
            Path copy = folder.resolve(each.getKey().toString().substring(1));
            directory(folder, copy.getParent());
            // In one step, as a container may run with the one before.
            WholeFile.write(copy, Files.readAllBytes(each.getValue()), "rwxr-xr-x");
        }
    }

    /** Makes a folder that every user can look into, whatever the mask of this process says. */
    private static void directory(Path top, Path folder) throws IOException {
        Files.createDirectories(folder);
        for (Path each = folder; each.startsWith(top); each = each.getParent()) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    /** Where libraries are to be, with the files that they are: asks the loader, which then does not run the program. */
    private static Map<Path, Path> libraries(Path home) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(home.resolve("bin/java").toString()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("LD_TRACE_LOADED_OBJECTS", "1");
        builder.environment()
                .put(
                        "LD_PRELOAD",
                        LOADED.stream()
                                .map(name -> home.resolve("lib").resolve(name))
                                .filter(Files::exists)
                                .map(Path::toString)
                                .collect(Collectors.joining(":")));
        Process process = builder.start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Map<Path, Path> files = new LinkedHashMap<>();
        Matcher library = LIBRARY.matcher(text);
        while (library.find()) {
            Path file = Path.of(library.group(2)).normalize();
            if (!file.startsWith(home)) {
                files.put(Path.of(LIBRARIES, library.group(1)), file);
            }
        }
        Matcher loader = LOADER.matcher(text);
        while (loader.find()) {
            Path file = Path.of(loader.group(1));
            if (!file.startsWith(home)) {
                files.put(file, file);
            }
        }
        if (files.isEmpty()) {
            throw new IOException("the libraries that the JDK in " + home
                    + " needs cannot be told; it must be for the GNU C library");
        }
        return files;
    }

    /** The configuration of a JDK of a distribution is elsewhere. */
    private static List<Path> linked(Path home) throws IOException {
        List<Path> found = new ArrayList<>();
        for (String folder : List.of("conf", "lib/security")) {
            try (Stream<Path> files = Files.walk(home.resolve(folder))) {
                for (Path link : files.filter(Files::isSymbolicLink).toList()) {
                    Path target =
                            link.resolveSibling(Files.readSymbolicLink(link)).normalize();
                    if (!target.startsWith(home) && Files.isRegularFile(target)) {
                        found.add(target);
                    }
                }
            }
        }
        return found;
    }
}
