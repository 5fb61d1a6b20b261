package dev.skiff.wasi;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.NativeMemory;
import dev.skiff.linux.Paths;
import dev.skiff.wasm.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Fills a guest's buffer with directory entries in the form of the type {@code dirent}. Cookies are the kernel's own
 * positions: they stay good while entries come and go. An entry that does not fit is cut off, which tells the guest to
 * ask again from the cookie of the one before it.
 */
final class DirectoryReader implements AutoCloseable {
    private static final int HEADER = 24;
    private static final int CHUNK = 32_768;
    /** The kernel's longest entry. */
    private static final int LONGEST = 280;

    private static final int NAME = 19;

    private final Directory directory;
    private final Lifetime lifetime;
    private final Memory memory;
    private final long start;
    private final long room;
    private final int chunk;
    private final long buffer;
    private long used;

    /** Reads for a range of the memory that was checked to lie within it, as long as the guest may go on. */
    DirectoryReader(Directory directory, Lifetime lifetime, Memory memory, long pointer, long length) {
        this.directory = directory;
        this.lifetime = lifetime;
        this.memory = memory;
        start = pointer;
        room = length;
        chunk = (int) Math.min(CHUNK, length + 2L * LONGEST);
        buffer = NativeMemory.allocate(chunk);
    }

    /**
     * Reads from a cookie, 0 from the start; answers the bytes used, fewer than the room at the end of the directory.
     */
    int read(long cookie) {
        Descriptors.seek(directory.fd(), cookie, Descriptors.SEEK_SET);
        while (used < room) {
            int bytes = Paths.readDirectory(directory.fd(), buffer, chunk);
            if (bytes == 0) {
                break;
            }
            for (int at = 0; at < bytes && used < room; at += NativeMemory.getShort(buffer + at + 16)) {
                put(buffer + at);
            }
            lifetime.checkpoint();
        }
        return (int) used;
    }

    private void put(long entry) {
        int length = 0;
        while (NativeMemory.getByte(entry + NAME + length) != 0) {
            length++;
        }
        byte[] bytes = new byte[HEADER + length];
        NativeMemory.read(entry + NAME, bytes, HEADER, length);
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(NativeMemory.getLong(entry + 8))
                .putLong(NativeMemory.getLong(entry))
                .putInt(length)
                .put((byte) type(entry, bytes).code());
        int fitting = (int) Math.min(bytes.length, room - used);
        memory.write(start + used, fitting == bytes.length ? bytes : Arrays.copyOf(bytes, fitting));
        used += fitting;
    }

    private FileType type(long entry, byte[] bytes) {
        int type = NativeMemory.getByte(entry + 18);
        if (type != 0) {
            return FileType.ofEntry(type);
        }
        try {
            byte[] name = Arrays.copyOfRange(bytes, HEADER, bytes.length);
            return FileType.of(directory.entry(name));
        } catch (LinuxException e) {
            return FileType.UNKNOWN;
        }
    }

    @Override
    public void close() {
        NativeMemory.free(buffer);
    }
}
