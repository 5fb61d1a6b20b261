package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.ImageNotes.Note;
import dev.skiff.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageNotesTest {
    private static final String CODE = "0123456789abcdef0123456789abcdef";
    private static final Note A = note(1, "localhost/a:v1");
    private static final Note B = note(2, "localhost/b:v1");
    private static final Note C = note(3, "sha256:0102");

    @TempDir
    private Path directory;

    private static Note note(int module, String image) {
        return new Note(Digest.ofBytes(new byte[] {(byte) module}), CODE, "k8s.io", image);
    }

    private ImageNotes notes() {
        return new ImageNotes(directory.resolve("images"));
    }

    @Test
    void whatIsWrittenIsReadByTheNext() throws IOException {
        assertThat(notes().takeOver()).isEmpty();

        notes().write(Set.of(A, B));

        assertThat(notes().takeOver()).containsExactlyInAnyOrder(A, B);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("images"))))
                .isEqualTo("rw-------");
    }

    @Test
    void eachOfTwoTakesAwayOnlyWhatItWrote() throws IOException {
        ImageNotes one = notes();
        ImageNotes other = notes();
        one.write(Set.of(A, B));
        other.write(Set.of(C));

        one.write(Set.of(B));

        assertThat(notes().takeOver()).containsExactlyInAnyOrder(B, C);
    }

    @Test
    void whatIsTakenOverIsTakenAway() throws IOException {
        notes().write(Set.of(A, B));
        ImageNotes next = notes();
        next.takeOver();

        next.write(Set.of(B));

        assertThat(notes().takeOver()).containsExactly(B);
    }

    @Test
    void linesOfAnotherKindAreLeftOut() throws IOException {
        notes().write(Set.of(A));
        Files.writeString(
                directory.resolve("images"),
                "\nnothing of the kind\nsha256:01 " + CODE + " default x\n" + B.module() + " ../../x default x\n",
                StandardOpenOption.APPEND);

        assertThat(notes().takeOver()).containsExactly(A);
    }
}
