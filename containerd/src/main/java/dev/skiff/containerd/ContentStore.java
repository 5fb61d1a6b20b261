package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.oci.ChosenManifest;
import dev.skiff.oci.Contents;
import dev.skiff.oci.Descriptor;
import dev.skiff.oci.Document;
import dev.skiff.oci.OciException;
import dev.skiff.oci.OciException.Problem;
import java.nio.ByteBuffer;
import java.time.Duration;

/** What a namespace of containerd has of images, by digests, whichever plugin keeps it. Thread-safe. */
final class ContentStore implements ChosenManifest.Source {
    private static final String SERVICE = "containerd.services.content.v1.Content/";
    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final Duration READ = Duration.ofMinutes(2);

    private final GrpcClient client;

    /**
     * Asks for nothing yet.
     *
     * @param client says the namespace
     */
    ContentStore(GrpcClient client) {
        this.client = client;
    }

    @Override
    public boolean has(Descriptor descriptor) {
        try {
            client.call(SERVICE + "Info", digest(descriptor), LOOK);
            return true;
        } catch (RpcException e) {
            if (e.code() == Code.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public byte[] read(Descriptor descriptor, String what) {
        return read(descriptor, Document.MAX_BYTES, what);
    }

    /**
     * Reads content and compares it with its digest.
     *
     * @param max bytes that it may have
     * @throws OciException if it has more, or is not what its name says
     * @throws RpcException if it is not there
     */
    byte[] read(Descriptor descriptor, long max, String what) {
        if (descriptor.size() > max) {
            throw new OciException(Problem.TOO_LARGE, what + " has " + descriptor.size() + " bytes, more than " + max);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) descriptor.size());
        client.stream(SERVICE + "Read", digest(descriptor), READ, answer -> {
            byte[] part = answer.bytes(2);
            if (part.length > bytes.remaining()) {
                throw new OciException(Problem.CORRUPT, what + " has more than " + descriptor.size() + " bytes");
            }
            bytes.put(part);
        });
        if (bytes.hasRemaining()) {
            throw new OciException(
                    Problem.CORRUPT, what + " has " + bytes.position() + " bytes and not " + descriptor.size());
        }
        return Contents.check(bytes.array(), descriptor.digest(), what);
    }

    private static ProtoWriter digest(Descriptor descriptor) {
        return new ProtoWriter().text(1, descriptor.digest().toString());
    }
}
