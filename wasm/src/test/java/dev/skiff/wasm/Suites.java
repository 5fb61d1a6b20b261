package dev.skiff.wasm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Assumptions;

/**
 * The official test suites, which are not part of this repository: zip files in the directory that the environment
 * variable {@code SKIFF_TESTDATA} names, or else in {@code ../shared/testdata} beside the checkout or a directory above.
 */
public final class Suites {
    /** Environment variable with the directory of the suites. */
    public static final String VARIABLE = "SKIFF_TESTDATA";

    private static final Path BESIDE = Path.of("shared", "testdata");

    private Suites() {}

    /**
     * A suite's files, unpacked under {@code target/suites} of the module that is tested.
     *
     * @param suite name of the zip file without its ending
     * @return the directory with the contents of the zip file
     * @throws org.opentest4j.TestAbortedException if the suite is absent, so that the test is skipped
     * @throws AssertionError if it is absent in continuous integration ({@code CI=true}), where all must run
     */
    public static Path unzipped(String suite) {
        Path zip = find(suite).orElseGet(() -> absent(suite));
        try {
            String version = Long.toHexString(
                    Files.size(zip) * 31 + Files.getLastModifiedTime(zip).toMillis());
            Path suites = moduleDirectory().resolve("target").resolve("suites");
            Path unpacked = suites.resolve(suite + "-" + version);
            if (!Files.isDirectory(unpacked)) {
                Files.createDirectories(suites);
                unpackLocked(zip, suites, unpacked);
            }
            return unpacked;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack " + zip, e);
        }
    }

    /** Where a suite's zip file is, if it is there. */
    public static Optional<Path> find(String suite) {
        String file = suite + ".zip";
        String configured = System.getenv(VARIABLE);
        if (configured != null && !configured.isBlank()) {
            return Optional.of(Path.of(configured).resolve(file)).filter(Files::isRegularFile);
        }
        return ancestors()
                .map(directory -> directory.resolve(BESIDE).resolve(file))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static Path absent(String suite) {
        String message = "the suite " + suite + ".zip is not in the directory named by " + VARIABLE + " nor in ../"
                + BESIDE + " beside the checkout";
        if ("true".equalsIgnoreCase(System.getenv("CI"))) {
            throw new AssertionError(message);
        }
        Assumptions.abort(message);
        throw new AssertionError("unreachable");
    }

    /** The working directory and those above it, nearest first. */
    private static Stream<Path> ancestors() {
        return Stream.iterate(Path.of("").toAbsolutePath(), directory -> directory != null, Path::getParent);
    }

    private static Path moduleDirectory() {
        return ancestors()
                .filter(directory -> Files.isRegularFile(directory.resolve("pom.xml")))
                .findFirst()
                .orElseGet(() -> Path.of("").toAbsolutePath());
    }

    /** Unpacks under a lock, as modules may be tested at the same time, and beside the target, as a run may be cut short. */
    private static void unpackLocked(Path zip, Path suites, Path target) throws IOException {
        try (FileChannel lock =
                        FileChannel.open(suites.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = lock.lock()) {
            if (Files.isDirectory(target) || !held.isValid()) {
                return;
            }
            Path partial = Files.createTempDirectory(suites, "partial");
            unpack(zip, partial);
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static void unpack(Path zip, Path directory) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : (Iterable<ZipEntry>) file.stream().<ZipEntry>map(e -> e)::iterator) {
                Path path = directory.resolve(entry.getName()).normalize();
                if (!path.startsWith(directory)) {
                    throw new FileAlreadyExistsException(entry.getName(), null, "lies outside the suite");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else {
                    Files.createDirectories(path.getParent());
                    Files.copy(file.getInputStream(entry), path);
                }
            }
        }
    }
}
