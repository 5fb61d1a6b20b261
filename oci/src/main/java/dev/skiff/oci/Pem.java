package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Reads and writes the textual encoding of keys (RFC 7468). Text before, between and behind the blocks is ignored, as openssl does. */
final class Pem {
    /** No key that people use comes near this many bytes. */
    static final int MAX_BYTES = 64 * 1024;

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    private Pem() {}

    /**
     * A block.
     *
     * @param label what its first and last line say it is
     * @param bytes what its lines decode to
     */
    record Block(String label, byte[] bytes) {}

    /**
     * The blocks of a file, at least one.
     *
     * @param what the file, for messages
     * @throws OciException if there is none, or one is damaged
     */
    static List<Block> blocks(byte[] file, String what) {
        if (file.length > MAX_BYTES) {
            throw new OciException(
                    Problem.TOO_LARGE, what + " has " + file.length + " bytes, and a key has at most " + MAX_BYTES);
        }
        List<Block> blocks = new ArrayList<>();
        String label = null;
        StringBuilder body = new StringBuilder();
        for (String raw : new String(file, StandardCharsets.ISO_8859_1).split("\r\n|\n|\r")) {
            String line = raw.strip();
            if (label == null) {
                if (line.startsWith(BEGIN) && line.endsWith(DASHES) && line.length() > BEGIN.length()) {
                    label = line.substring(BEGIN.length(), Math.max(BEGIN.length(), line.length() - DASHES.length()));
                    body.setLength(0);
                }
            } else if (line.startsWith(END)) {
                if (!line.equals(END + label + DASHES)) {
                    throw damaged(what, "its block " + label + " ends with the line " + line);
                }
                blocks.add(new Block(label, decode(body.toString(), what)));
                label = null;
            } else {
                body.append(line);
            }
        }
        if (label != null) {
            throw damaged(what, "its block " + label + " has no end");
        }
        if (blocks.isEmpty()) {
            throw new OciException(
                    Problem.INVALID, what + " holds no key: it has no line that begins with -----BEGIN (PEM)");
        }
        return blocks;
    }

    private static byte[] decode(String body, String what) {
        if (body.contains(":")) {
            throw new OciException(
                    Problem.UNSUPPORTED,
                    what + " is a key in the encrypted form of old openssl; write it anew with: openssl pkcs8 -topk8");
        }
        try {
            return Base64.getDecoder().decode(body);
        } catch (IllegalArgumentException e) {
            throw damaged(what, "it is no base64 text");
        }
    }

    private static OciException damaged(String what, String why) {
        return new OciException(Problem.CORRUPT, what + " is damaged: " + why);
    }

    /** The text of a block, with lines of 64 characters. */
    static byte[] write(String label, byte[] bytes) {
        Base64.Encoder encoder = Base64.getMimeEncoder(64, new byte[] {'\n'});
        return (BEGIN + label + DASHES + "\n" + encoder.encodeToString(bytes) + "\n" + END + label + DASHES + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
