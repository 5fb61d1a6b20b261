package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/** Takes messages out of the bytes of a call: before each stand a byte, which is 0, and its length. Not thread-safe. */
final class GrpcMessages {
    private static final int HEAD = 5;

    private final int max;
    private final Consumer<byte[]> each;
    private final ByteBuffer head = ByteBuffer.allocate(HEAD);
    private Optional<ByteBuffer> body = Optional.empty();

    /**
     * Has none yet.
     *
     * @param max bytes that a message may have
     * @param each gets each message
     */
    GrpcMessages(int max, Consumer<byte[]> each) {
        this.max = max;
        this.each = each;
    }

    /** A message as it is sent. */
    static byte[] framed(byte[] message) {
        return ByteBuffer.allocate(HEAD + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message)
                .array();
    }

    /**
     * Takes the next bytes.
     *
     * @throws RpcException if a message is too large or compressed
     */
    void accept(ByteBuffer data) {
        while (isFilled(head, data)) {
            if (body.isEmpty()) {
                body = Optional.of(ByteBuffer.allocate(length()));
            }
            ByteBuffer message = body.get();
            if (!isFilled(message, data)) {
                return;
            }
            head.clear();
            body = Optional.empty();
            each.accept(message.array());
        }
    }

    private int length() {
        if (head.get(0) != 0) {
            throw new RpcException(Code.INTERNAL, "an answer is compressed, which nobody asked for");
        }
        int length = head.getInt(1);
        if (length < 0 || length > max) {
            throw new RpcException(
                    Code.RESOURCE_EXHAUSTED,
                    "an answer has " + Integer.toUnsignedString(length) + " bytes, more than " + max);
        }
        return length;
    }

    private static boolean isFilled(ByteBuffer buffer, ByteBuffer data) {
        int count = Math.min(buffer.remaining(), data.remaining());
        buffer.put(buffer.position(), data, data.position(), count);
        buffer.position(buffer.position() + count);
        data.position(data.position() + count);
        return !buffer.hasRemaining();
    }

    /** Whether no message has only begun. */
    boolean isWhole() {
        return head.position() == 0;
    }
}
