package dev.skiff.host;

import dev.skiff.oci.Digest;
import dev.skiff.oci.ImageProgram;
import dev.skiff.oci.OciException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** Where a workload's module comes from. */
public sealed interface ModuleSource {
    /** Modules larger than this are refused unread: 1 GiB. */
    long MAX_BYTES = 1L << 30;

    /** What people call it, for messages. */
    String name();

    /**
     * Its bytes.
     *
     * @throws NotFoundException if there is nothing
     * @throws NotRunnableException if it cannot be read or is too large
     */
    byte[] read();

    /** The digest of its bytes, where that is known without reading them. */
    default Optional<Digest> digest() {
        return Optional.empty();
    }

    /** A file of this machine. */
    record OfFile(Path file) implements ModuleSource {
        @Override
        public String name() {
            return file.toString();
        }

        @Override
        public byte[] read() {
            try {
                return Files.isRegularFile(file) ? readRegular() : readOther();
            } catch (NoSuchFileException e) {
                throw new NotFoundException("there is no such file");
            } catch (AccessDeniedException e) {
                throw new NotRunnableException("you have no permission to read it", e);
            } catch (IOException e) {
                throw new NotRunnableException("it cannot be read: " + e.getMessage(), e);
            } catch (OutOfMemoryError e) {
                throw new NotRunnableException("it does not fit into the memory of the Java runtime", e);
            }
        }

        private byte[] readRegular() throws IOException {
            if (Files.size(file) > MAX_BYTES) {
                throw tooLarge();
            }
            return Files.readAllBytes(file);
        }

        /** A pipe, for example, whose size nobody knows. */
        private byte[] readOther() throws IOException {
            if (Files.isDirectory(file)) {
                throw new NotRunnableException("it is a directory, not a WebAssembly module");
            }
            try (InputStream in = Files.newInputStream(file)) {
                byte[] bytes = in.readNBytes((int) MAX_BYTES + 1);
                if (bytes.length > MAX_BYTES) {
                    throw tooLarge();
                }
                return bytes;
            }
        }

        private static NotRunnableException tooLarge() {
            return new NotRunnableException("it has more than " + MAX_BYTES + " bytes");
        }
    }

    /**
     * The module of an image.
     *
     * @param name what people call it
     * @param program what the image runs
     */
    record OfImage(String name, ImageProgram program) implements ModuleSource {
        @Override
        public byte[] read() {
            try {
                return program.read();
            } catch (OciException e) {
                throw new NotRunnableException(e.getMessage(), e);
            } catch (OutOfMemoryError e) {
                throw new NotRunnableException("it does not fit into the memory of the Java runtime", e);
            }
        }
    }

    /**
     * What is read only when it is needed, and kept by nobody.
     *
     * @param name what people call it
     * @param digest of its bytes, where that is known: what is remembered is not read then
     * @param reader gives the bytes; what it throws is thrown to who runs the module
     */
    record OfReader(String name, Optional<Digest> digest, Supplier<byte[]> reader) implements ModuleSource {
        @Override
        public byte[] read() {
            return reader.get();
        }
    }

    /**
     * Bytes that are there already.
     *
     * @param name what people call it
     * @param bytes the module; not copied, so it must not change afterwards
     */
    @SuppressWarnings("ArrayRecordComponent")
    record OfBytes(String name, byte[] bytes) implements ModuleSource {
        @Override
        public byte[] read() {
            return bytes;
        }
    }
}
