package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file's digest, made while the file grows. */
@Timeout(60)
class FileHashTest {
    private static final Digest LIKE = Digest.ofBytes(new byte[0]);

    @TempDir
    private Path directory;

    private FileChannel file;

    @BeforeEach
    void open() throws IOException {
        file = FileChannel.open(
                directory.resolve("file"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    @AfterEach
    void close() throws IOException {
        file.close();
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, (1 << 20) - 1, 1 << 20, 3 << 20, 5_000_001})
    void itIsTheDigestOfAllThatWasWritten(int length) throws IOException {
        byte[] content = bytes(length);
        Random random = new Random(1);
        int there = length / 3;
        file.write(ByteBuffer.wrap(content, 0, there));
        try (FileHash hash = new FileHash(file, LIKE, there, length)) {
            for (int at = there; at < length; ) {
                int part = Math.min(1 + random.nextInt(1 << 19), length - at);
                file.write(ByteBuffer.wrap(content, at, part));
                at += part;
                hash.grown(at);
            }

            assertThat(LIKE.finish(hash.finish())).isEqualTo(Digest.ofBytes(content));
        }
    }

    /** A bug: who was behind what had been written never ended. */
    @Test
    void itCanBeGivenUpAtAnyTime() throws IOException {
        byte[] content = bytes(4 << 20);
        for (int i = 0; i < 20; i++) {
            file.write(ByteBuffer.wrap(content), 0);
            FileHash hash = new FileHash(file, LIKE, 0, 100L << 20);
            hash.grown((long) i * content.length / 20);
            hash.close();
        }
    }

    @Test
    void aFileThatBecameShorterIsAFailure() throws IOException {
        try (FileHash hash = new FileHash(file, LIKE, 0, 2 << 20)) {
            hash.grown(2 << 20);

            assertThatExceptionOfType(EOFException.class).isThrownBy(hash::finish);
        }
    }
}
