package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Keys in files of this machine. */
public final class KeyFiles {
    private KeyFiles() {}

    /**
     * Reads a private key.
     *
     * @param password asked if the key is encrypted
     * @throws OciException as {@link SigningKey#parse}, and if the file cannot be read
     */
    public static SigningKey privateKey(Path file, KeyPassword password) {
        return SigningKey.parse(read(file), "the key " + file, password);
    }

    /**
     * Reads a public key.
     *
     * @throws OciException as {@link VerificationKey#parse}, and if the file cannot be read
     */
    public static VerificationKey publicKey(Path file) {
        return VerificationKey.parse(read(file), "the key " + file);
    }

    private static byte[] read(Path file) {
        // One byte more than a key may have, so that its size is refused and not cut.
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(Pem.MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new OciException(Problem.STORAGE, "there is no key file " + file, e);
        } catch (IOException e) {
            throw new OciException(
                    Problem.STORAGE, "the key file " + file + " cannot be read: " + DiskFailure.reason(e), e);
        }
    }

    /**
     * Writes a pair: the private key encrypted as cosign does, for its owner alone (mode 0600), and the public one for all (0644).
     * Files that exist are never overwritten: either both are new or nothing is written.
     *
     * @param password encrypts the private key; asked after it is clear that the files are new
     * @throws OciException if one exists or cannot be written
     */
    public static void writePair(SigningKey key, Path privateFile, Path publicFile, KeyPassword password) {
        for (Path file : new Path[] {privateFile, publicFile}) {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw exists(file, null);
            }
        }
        create(privateFile, key.encryptedPem(password), "rw-------");
        try {
            create(publicFile, key.publicKey().pem(), "rw-r--r--");
        } catch (OciException e) {
            delete(privateFile, e);
            throw e;
        }
    }

    private static void create(Path file, byte[] text, String mode) {
        try (OutputStream out = Channels.newOutputStream(open(file, mode))) {
            out.write(text);
        } catch (IOException e) {
            // Half a key is worse than none.
            OciException failure = unwritable(file, e);
            delete(file, failure);
            throw failure;
        }
    }

    private static WritableByteChannel open(Path file, String mode) {
        try {
            return Files.newByteChannel(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
        } catch (FileAlreadyExistsException e) {
            throw exists(file, e);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static void delete(Path file, OciException why) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    private static OciException unwritable(Path file, IOException e) {
        return new OciException(
                Problem.STORAGE, "the key file " + file + " cannot be written: " + DiskFailure.reason(e), e);
    }

    private static OciException exists(Path file, Exception cause) {
        return new OciException(
                Problem.STORAGE, "the key file " + file + " exists already, and keys are never overwritten", cause);
    }
}
