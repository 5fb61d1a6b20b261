package dev.skiff.wasi;

import dev.skiff.wasm.Memory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Strings as {@code args_get} and {@code environ_get} give them: made once, copied to each guest. Immutable. */
final class StringTable {
    private final byte[] bytes;
    private final int[] offsets;

    /**
     * Encodes strings.
     *
     * @throws IllegalArgumentException if one contains a zero character
     */
    StringTable(List<String> strings) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        offsets = new int[strings.size()];
        for (int i = 0; i < offsets.length; i++) {
            String s = strings.get(i);
            if (s.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("arguments and environment must not contain a zero character");
            }
            offsets[i] = out.size();
            out.writeBytes(s.getBytes(StandardCharsets.UTF_8));
            out.write(0);
        }
        bytes = out.toByteArray();
    }

    /** Writes how many strings there are, and how many bytes. */
    void sizes(Memory memory, int countPointer, int bytesPointer) {
        memory.putInt(Integer.toUnsignedLong(countPointer), offsets.length);
        memory.putInt(Integer.toUnsignedLong(bytesPointer), bytes.length);
    }

    /** Writes a pointer to each string, and the strings. */
    void copy(Memory memory, int pointersPointer, int bytesPointer) {
        if (offsets.length == 0) {
            // A guest may hand over any pointers where nothing is to be written.
            return;
        }
        long pointers = Integer.toUnsignedLong(pointersPointer);
        memory.write(Integer.toUnsignedLong(bytesPointer), bytes);
        for (int offset : offsets) {
            memory.putInt(pointers, bytesPointer + offset);
            pointers += 4;
        }
    }
}
