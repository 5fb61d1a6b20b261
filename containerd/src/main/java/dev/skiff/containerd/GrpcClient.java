package dev.skiff.containerd;

import dev.skiff.containerd.RpcException.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.hc.core5.http2.H2ConnectionException;
import org.apache.hc.core5.http2.H2Error;
import org.apache.hc.core5.http2.H2StreamResetException;

/**
 * Calls services of gRPC at a socket of this machine. A call has a connection of its own, and blocks until it is answered, its time is
 * over or its thread is interrupted. Thread-safe.
 */
final class GrpcClient {
    /** Larger answers are refused: 16 MiB, as containerd's own clients do. */
    static final int MAX_MESSAGE = 16 << 20;

    private final Path socket;
    private final Map<String, String> metadata;

    /**
     * Calls nobody yet.
     *
     * @param metadata what is said with each call besides, such as {@code containerd-namespace}: names in lower case, values of ASCII
     */
    GrpcClient(Path socket, Map<String, String> metadata) {
        this.socket = socket;
        this.metadata = Map.copyOf(metadata);
    }

    /**
     * Calls a method that has one answer.
     *
     * @param method such as {@code containerd.services.images.v1.Images/Get}
     * @throws RpcException if it fails, with the server's code and message
     */
    ProtoMessage call(String method, ProtoWriter request, Duration timeout) {
        List<ProtoMessage> answers = new ArrayList<>();
        stream(method, request, timeout, answer -> {
            answers.add(answer);
            if (answers.size() > 1) {
                throw new RpcException(Code.INTERNAL, method + " has more than one answer");
            }
        });
        if (answers.isEmpty()) {
            throw new RpcException(Code.INTERNAL, method + " has no answer");
        }
        return answers.getFirst();
    }

    /**
     * Calls a method that has many answers, and reads them all.
     *
     * @param answers gets each as it comes, and may throw to get no more
     * @param timeout for all of them
     * @throws RpcException if it fails, with the server's code and message; there may have been answers
     */
    void stream(String method, ProtoWriter request, Duration timeout, Consumer<ProtoMessage> answers) {
        AtomicBoolean late = new AtomicBoolean();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Thread watch = Thread.ofVirtual().name("deadline").start(() -> closeAfter(timeout, channel, late));
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                GrpcMessages messages =
                        new GrpcMessages(MAX_MESSAGE, message -> answers.accept(ProtoMessage.parse(message)));
                Http2Exchange exchange = new Http2Exchange(
                        Channels.newInputStream(channel), Channels.newOutputStream(channel), messages::accept);
                check(method, exchange.run(headers(method), GrpcMessages.framed(request.toBytes())), messages);
            } finally {
                watch.interrupt();
            }
        } catch (IOException e) {
            throw failure(method, late.get() ? Code.DEADLINE_EXCEEDED : code(e), e);
        }
    }

    /** Ends the call at the server too, which is not told of the time: its own words when that is over differ. */
    private static void closeAfter(Duration timeout, SocketChannel channel, AtomicBoolean late) {
        try {
            Thread.sleep(timeout);
            late.set(true);
            channel.close();
        } catch (InterruptedException e) {
            // The call is over.
        } catch (IOException e) {
            Log.debug("a connection could not be closed: " + e.getMessage());
        }
    }

    private Map<String, String> headers(String method) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(":method", "POST");
        headers.put(":scheme", "http");
        headers.put(":path", "/" + method);
        headers.put(":authority", "localhost");
        headers.put("te", "trailers");
        headers.put("content-type", "application/grpc");
        headers.putAll(metadata);
        return headers;
    }

    private static void check(String method, Http2Exchange.Answer answer, GrpcMessages messages) {
        Optional<String> status = Optional.ofNullable(answer.trailers().get("grpc-status"));
        if (status.isEmpty()) {
            throw new RpcException(
                    Code.UNKNOWN,
                    method + " ended without a status; that of HTTP is "
                            + answer.head().get(":status"));
        }
        if (!status.get().equals("0")) {
            String message = decoded(answer.trailers().getOrDefault("grpc-message", ""));
            throw new RpcException(
                    Code.of(number(status.get())),
                    message.isEmpty() ? method + " failed with the code " + status.get() : message);
        }
        if (!messages.isWhole()) {
            throw new RpcException(Code.INTERNAL, method + " ended within an answer");
        }
    }

    private static int number(String status) {
        try {
            return Integer.parseInt(status);
        } catch (NumberFormatException e) {
            return Code.UNKNOWN.number();
        }
    }

    /** Bytes of UTF-8, of which some are written as percent signs with two hexadecimal digits. */
    private static String decoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            boolean escaped = text.charAt(i) == '%'
                    && i + 2 < text.length()
                    && Character.digit(text.charAt(i + 1), 16) >= 0
                    && Character.digit(text.charAt(i + 2), 16) >= 0;
            bytes.write(escaped ? Integer.parseInt(text, i + 1, i + 3, 16) : text.charAt(i));
            i += escaped ? 2 : 0;
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static Code code(IOException e) {
        return switch (e) {
            case ClosedByInterruptException _ -> Code.CANCELLED;
            case ProtocolException _, H2ConnectionException _ -> Code.INTERNAL;
            // As gRPC over HTTP/2 says, section "Errors".
            case H2StreamResetException reset ->
                switch (H2Error.getByCode(reset.getCode())) {
                    case REFUSED_STREAM -> Code.UNAVAILABLE;
                    case CANCEL -> Code.CANCELLED;
                    case ENHANCE_YOUR_CALM -> Code.RESOURCE_EXHAUSTED;
                    case INADEQUATE_SECURITY -> Code.PERMISSION_DENIED;
                    case null, default -> Code.INTERNAL;
                };
            default -> Code.UNAVAILABLE;
        };
    }

    private RpcException failure(String method, Code code, IOException e) {
        String why = switch (code) {
            case DEADLINE_EXCEEDED -> "it takes too long";
            case CANCELLED -> "the call was given up";
            default -> Optional.ofNullable(e.getMessage()).orElse(e.toString());
        };
        return new RpcException(code, method + " of " + socket + " cannot be called: " + why, e);
    }
}
