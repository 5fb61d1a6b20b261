package dev.skiff.wasm.internal.binary;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The binaries of the official specification tests, with what the tests say of each. */
final class SpecSuite {
    private static final String ARCHIVE = "wasm-spec-3.0.zip";
    private static final Pattern COMMAND = Pattern.compile("\\{\"type\":\"([a-z_]+)\",\"line\":(\\d+)[^{}]*?"
            + "\"filename\":\"([^\"]+\\.wasm)\"(?:[^{}]*?\"text\":\"([^\"]*)\")?");

    private SpecSuite() {}

    /** What a decoder has to do with a binary. */
    enum Verdict {
        VALID,
        INVALID,
        MALFORMED
    }

    /**
     * A binary.
     *
     * @param folder the test file that it is from
     * @param text words that an error's message should have; empty for valid ones
     */
    record Binary(String folder, String file, int line, Verdict verdict, String text, byte[] bytes) {
        @Override
        public String toString() {
            return folder + "/" + file + " (line " + line + ")";
        }
    }

    /** All binaries; aborts the test where the archive is absent, unless this is CI, where it has to be there. */
    static List<Binary> binaries() throws IOException {
        Optional<Path> archive = archive();
        if (archive.isEmpty()) {
            if ("true".equals(System.getenv("CI"))) {
                throw new IOException(ARCHIVE + " is not there: set SKIFF_TESTDATA to the folder that has it");
            }
            return abort("skipped: there is no " + ARCHIVE + " in the folder SKIFF_TESTDATA or in ../shared/testdata");
        }
        try (ZipFile zip = new ZipFile(archive.get().toFile())) {
            List<Binary> binaries = new ArrayList<>();
            for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(ZipEntry.class::cast)::iterator) {
                if (entry.getName().endsWith(".json")) {
                    String folder = entry.getName().substring(0, entry.getName().indexOf('/'));
                    read(zip, folder, new String(bytes(zip, entry), StandardCharsets.UTF_8), binaries);
                }
            }
            return binaries;
        }
    }

    private static void read(ZipFile zip, String folder, String commands, List<Binary> binaries) throws IOException {
        Matcher command = COMMAND.matcher(commands);
        while (command.find()) {
            Verdict verdict = switch (command.group(1)) {
                case "assert_malformed" -> Verdict.MALFORMED;
                case "assert_invalid" -> Verdict.INVALID;
                default -> Verdict.VALID;
            };
            String file = command.group(3);
            String text = verdict == Verdict.VALID
                    ? ""
                    : Optional.ofNullable(command.group(4)).orElse("");
            byte[] bytes = bytes(zip, zip.getEntry(folder + "/" + file));
            binaries.add(new Binary(folder, file, Integer.parseInt(command.group(2)), verdict, text, bytes));
        }
    }

    private static byte[] bytes(ZipFile zip, ZipEntry entry) throws IOException {
        return zip.getInputStream(entry).readAllBytes();
    }

    private static Optional<Path> archive() {
        String folder = System.getenv("SKIFF_TESTDATA");
        if (folder != null) {
            return Optional.of(Path.of(folder, ARCHIVE)).filter(Files::exists);
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path candidate = at.resolve("shared/testdata").resolve(ARCHIVE);
            if (Files.exists(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
