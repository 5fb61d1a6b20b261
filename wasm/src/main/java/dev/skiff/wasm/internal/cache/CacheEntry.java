package dev.skiff.wasm.internal.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A file of the code cache: a magic number, the length of the index, the index, its {@link Seal}, the class files.
 * The index has the key's text and for each class file its number, place and seal; so opening an entry reads the index
 * alone, and a class file is read and checked when it is wanted. After it is closed it has none. Thread-safe.
 */
public final class CacheEntry implements AutoCloseable {
    private static final long MAGIC = 0x534B_4946_4643_3032L;
    private static final int MAX_INDEX = 64 << 20;
    private static final int ROW = 4 + 8 + 4 + Seal.LENGTH;

    private record Place(long offset, int length, byte[] seal) {}

    private final FileChannel file;
    private final byte[] key;
    private final Map<Integer, Place> places;

    private CacheEntry(FileChannel file, byte[] key, Map<Integer, Place> places) {
        this.file = file;
        this.key = key;
        this.places = places;
    }

    /** Opens a file; empty if it is not what it should be, and then the file is removed. */
    static Optional<CacheEntry> open(Path path, CacheKey name, byte[] key) {
        FileChannel file = null;
        try {
            file = FileChannel.open(path, StandardOpenOption.READ);
            Map<Integer, Place> places = readIndex(file, name, key);
            if (places != null) {
                return Optional.of(new CacheEntry(file, key, places));
            }
            file.close();
            Files.deleteIfExists(path);
        } catch (IOException _) {
            // As good as absent.
        }
        return Optional.empty();
    }

    private static Map<Integer, Place> readIndex(FileChannel file, CacheKey name, byte[] key) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(12);
        if (!readFully(file, head, 0) || head.getLong() != MAGIC) {
            return null;
        }
        int length = head.getInt();
        if (length < 0 || length > MAX_INDEX || length > file.size()) {
            return null;
        }
        ByteBuffer index = ByteBuffer.allocate(length);
        ByteBuffer seal = ByteBuffer.allocate(Seal.LENGTH);
        if (!readFully(file, index, 12)
                || !readFully(file, seal, 12L + length)
                || !Seal.same(seal.array(), Seal.of(key, Seal.Purpose.INDEX, index.array()))) {
            return null;
        }
        byte[] text = new byte[index.getInt()];
        index.get(text);
        if (!new String(text, StandardCharsets.UTF_8).equals(name.text())) {
            return null;
        }
        Map<Integer, Place> places = new HashMap<>();
        while (index.hasRemaining()) {
            int number = index.getInt();
            long offset = index.getLong();
            int size = index.getInt();
            byte[] sealOfClass = new byte[Seal.LENGTH];
            index.get(sealOfClass);
            places.put(number, new Place(offset, size, sealOfClass));
        }
        return places;
    }

    private static boolean readFully(FileChannel file, ByteBuffer buffer, long from) throws IOException {
        long at = from;
        while (buffer.hasRemaining()) {
            int count = file.read(buffer, at);
            if (count < 0) {
                return false;
            }
            at += count;
        }
        buffer.flip();
        return true;
    }

    /** Numbers of the class files that it has. */
    public Set<Integer> numbers() {
        return places.keySet();
    }

    /** A class file, if it is there and whole. */
    public Optional<byte[]> classFile(int number) {
        Place place = places.get(number);
        if (place == null) {
            return Optional.empty();
        }
        try {
            ByteBuffer bytes = ByteBuffer.allocate(place.length());
            if (readFully(file, bytes, place.offset())
                    && Seal.same(Seal.of(key, Seal.Purpose.CLASS_FILE, bytes.array()), place.seal())) {
                return Optional.of(bytes.array());
            }
        } catch (IOException _) {
            // As good as absent.
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException _) {
            // Nobody uses it any more.
        }
    }

    static void write(Path path, CacheKey name, byte[] key, Map<Integer, byte[]> classes) throws IOException {
        byte[] text = name.text().getBytes(StandardCharsets.UTF_8);
        ByteBuffer index = ByteBuffer.allocate(4 + text.length + ROW * classes.size());
        index.putInt(text.length).put(text);
        long offset = 12L + index.capacity() + Seal.LENGTH;
        Map<Integer, byte[]> sorted = new TreeMap<>(classes);
        for (Map.Entry<Integer, byte[]> entry : sorted.entrySet()) {
            byte[] bytes = entry.getValue();
            index.putInt(entry.getKey())
                    .putLong(offset)
                    .putInt(bytes.length)
                    .put(Seal.of(key, Seal.Purpose.CLASS_FILE, bytes));
            offset += bytes.length;
        }
        ByteBuffer head = ByteBuffer.allocate(12).putLong(MAGIC).putInt(index.capacity());
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            writeFully(file, head.flip());
            writeFully(file, index.flip());
            writeFully(file, ByteBuffer.wrap(Seal.of(key, Seal.Purpose.INDEX, index.array())));
            for (byte[] bytes : sorted.values()) {
                writeFully(file, ByteBuffer.wrap(bytes));
            }
        }
    }

    private static void writeFully(FileChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }
}
