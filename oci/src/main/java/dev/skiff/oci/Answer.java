package dev.skiff.oci;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;

/** What a server answers: the head is there, the body comes as it is read. Must be closed. For one thread at a time. */
final class Answer implements AutoCloseable {
    /** A rest that is not longer is read rather than the connection given up. */
    private static final int SHORT = 16 << 10;

    private final URI uri;
    private final HttpUriRequestBase request;
    private final ClassicHttpResponse response;
    private final Incoming body;

    Answer(URI uri, HttpUriRequestBase request, ClassicHttpResponse response, Duration stall) throws IOException {
        this.uri = uri;
        this.request = request;
        this.response = response;
        HttpEntity entity = response.getEntity();
        body = new Incoming(entity == null ? InputStream.nullInputStream() : entity.getContent(), stall);
    }

    /** Who answered: after a redirect not who was asked first. */
    URI uri() {
        return uri;
    }

    int status() {
        return response.getCode();
    }

    /** The first header of a name, in any case. */
    Optional<String> header(String name) {
        return Optional.ofNullable(response.getFirstHeader(name)).map(Header::getValue);
    }

    /** All headers of a name. */
    List<String> headers(String name) {
        List<String> values = new ArrayList<>();
        for (Header header : response.getHeaders(name)) {
            values.add(header.getValue());
        }
        return values;
    }

    /** How long the body is said to be, if it is. */
    Optional<Long> length() {
        return header("content-length")
                .filter(value -> value.matches("[0-9]{1,18}"))
                .map(Long::parseLong);
    }

    /** The body. Fails when nothing comes for too long. Closing it closes the answer. */
    InputStream body() {
        return body;
    }

    /** Ends the answer. Its connection serves other requests if not much of this one is left. */
    @Override
    public void close() {
        try {
            if (!body.isDone()) {
                request.cancel();
            }
            response.close();
        } catch (IOException e) {
            request.cancel();
        }
    }

    /** Nothing came, or nothing was taken, for too long. */
    static final class StalledException extends IOException {
        private static final long serialVersionUID = 1L;

        StalledException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final class Incoming extends BulkInput {
        private final Duration stall;
        private long count;
        private boolean ended;

        Incoming(InputStream in, Duration stall) {
            super(in);
            this.stall = stall;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int got = in.read(bytes, offset, length);
                count += Math.max(got, 0);
                ended |= got < 0;
                return got;
            } catch (SocketTimeoutException e) {
                throw new StalledException("nothing came for " + text(stall), e);
            }
        }

        /** Whether the end was seen, or is near enough to read on to it. */
        boolean isDone() throws IOException {
            boolean near = length().map(all -> all - count <= SHORT).orElse(false);
            return ended || near && readNBytes(SHORT + 1).length <= SHORT;
        }

        @Override
        public void close() {
            Answer.this.close();
        }
    }

    /** A time for people. */
    static String text(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
