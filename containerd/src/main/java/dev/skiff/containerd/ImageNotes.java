package dev.skiff.containerd;

import dev.skiff.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A file that says from which images the code on disk is, a line for each, so that the daemons to come know when to remove it. Daemons that run
 * at the same time write what they know, one after the other. Not thread-safe.
 */
final class ImageNotes {
    private static final int MAX_BYTES = 16 << 20;
    private static final Pattern LINE = Pattern.compile("(sha256:[0-9a-f]{64}) ([0-9a-f]{32}) (\\S+) (\\S+)");

    /**
     * A module was run from an image.
     *
     * @param module the digest of its bytes
     * @param code what its code on disk is called
     * @param namespace containerd's
     * @param image as containerd calls it
     */
    record Note(Digest module, String code, String namespace, String image) {
        private static Optional<Note> parse(String line) {
            Matcher words = LINE.matcher(line);
            return words.matches()
                    ? Optional.of(
                            new Note(Digest.parse(words.group(1)), words.group(2), words.group(3), words.group(4)))
                    : Optional.empty();
        }

        private String line() {
            return module + " " + code + " " + namespace + " " + image + "\n";
        }
    }

    private final Path file;
    private Set<Note> written = Set.of();

    /** Those of a file, which may be missing. */
    ImageNotes(Path file) {
        this.file = file;
    }

    /**
     * All that is written, which counts as written by this from now on; lines that say nothing of the kind are left out.
     *
     * @throws UncheckedIOException if it cannot be read
     */
    Set<Note> takeOver() {
        written = read();
        return written;
    }

    private Set<Note> read() {
        try {
            if (Files.size(file) > MAX_BYTES) {
                return Set.of();
            }
            return Files.readString(file)
                    .lines()
                    .map(Note::parse)
                    .flatMap(Optional::stream)
                    .collect(Collectors.toUnmodifiableSet());
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException e) {
            throw failure("read", e);
        }
    }

    /**
     * Writes what is known now in the place of what was the last time; what others wrote stays.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    void write(Set<Note> known) {
        if (known.equals(written)) {
            return;
        }
        Set<Note> all = new LinkedHashSet<>(read());
        all.removeAll(written);
        all.addAll(known);
        String text = all.stream().map(Note::line).collect(Collectors.joining());
        try {
            WholeFile.write(file, text.getBytes(StandardCharsets.UTF_8), "rw-------");
        } catch (IOException e) {
            throw failure("written", e);
        }
        written = Set.copyOf(known);
    }

    private UncheckedIOException failure(String what, IOException e) {
        return new UncheckedIOException("the images of kept code, " + file + ", cannot be " + what + ": " + e, e);
    }
}
