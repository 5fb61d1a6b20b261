package dev.skiff.containerd;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A connection to a server of ttrpc, for one call after the other. Not thread-safe. */
final class TtrpcClient implements AutoCloseable {
    private final SocketChannel channel;
    private final OutputStream out;
    private final DataInputStream in;
    /** Those of clients are odd. */
    private int stream = -1;

    private TtrpcClient(SocketChannel channel) {
        this.channel = channel;
        out = Channels.newOutputStream(channel);
        in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
    }

    /** Connects to a socket. */
    static TtrpcClient connect(Path socket) throws IOException {
        return new TtrpcClient(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    /**
     * Makes a call and waits for the answer.
     *
     * @param namespace containerd's
     * @return the status, {@code google.rpc.Status}: code 1, message 2
     * @throws IOException if there is no answer
     */
    ProtoMessage call(String service, String method, String namespace, ProtoWriter body) throws IOException {
        ProtoWriter request = new ProtoWriter()
                .text(1, service)
                .text(2, method)
                .bytes(3, body.toBytes())
                .message(
                        5,
                        new ProtoWriter().text(1, "containerd-namespace-ttrpc").text(2, namespace));
        stream += 2;
        new Frame(stream, Frame.REQUEST, 0, request.toBytes()).write(out);
        Frame answer = Frame.read(in).orElseThrow(() -> new IOException("the server hung up"));
        return ProtoMessage.parse(answer.payload()).message(1);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
