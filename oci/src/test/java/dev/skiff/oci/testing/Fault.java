package dev.skiff.oci.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Something that goes wrong between a client and a registry, in a {@link FaultProxy}. Offsets and counts are of bytes of the body,
 * without the framing that HTTP may give it.
 */
public interface Fault {

    /** The connection ends after the response's head and some bytes of its body, as when a registry is restarted. */
    record CutResponse(long after) implements Fault {
        @Override
        public InputStream response(InputStream body) {
            return new FaultyBody.Breaking(body, after, new FaultyBody.Cut());
        }
    }

    /**
     * The connection ends after some bytes of the request's body went to the registry. There is no response, not even after 0 bytes of
     * a GET, which the JDK's own client sends again by itself up to five times.
     */
    record CutRequest(long after) implements Fault {
        @Override
        public InputStream request(InputStream body) {
            return new FaultyBody.Breaking(body, after, new FaultyBody.Cut());
        }
    }

    /** Nothing comes any more after some bytes of the response's body, and the connection stays. */
    record StallResponse(long after) implements Fault {
        @Override
        public InputStream response(InputStream body) {
            return new FaultyBody.Breaking(body, after, new FaultyBody.Stall());
        }
    }

    /** Nothing is taken any more after some bytes of the request's body, and the connection stays. */
    record StallRequest(long after) implements Fault {
        @Override
        public InputStream request(InputStream body) {
            return new FaultyBody.Breaking(body, after, new FaultyBody.Stall());
        }
    }

    /** All bits of one byte of the response's body are inverted. */
    record CorruptResponse(long offset) implements Fault {
        @Override
        public InputStream response(InputStream body) {
            return new FaultyBody.Corrupting(body, offset);
        }
    }

    /** All bits of one byte of the request's body are inverted. */
    record CorruptRequest(long offset) implements Fault {
        @Override
        public InputStream request(InputStream body) {
            return new FaultyBody.Corrupting(body, offset);
        }
    }

    /** Only the first bytes of the response's body come, and the response says so itself: it is complete and too short. */
    record ShortResponse(long length) implements Fault {
        @Override
        public void response(HttpHead head) {
            head.length().ifPresent(full -> head.set("Content-Length", Long.toString(Math.min(full, length))));
        }

        @Override
        public InputStream response(InputStream body) {
            return FaultyBody.first(body, length);
        }
    }

    /** More bytes, all of them 0, follow the response's body, and the response says so itself. */
    record LongResponse(long extra) implements Fault {
        @Override
        public void response(HttpHead head) {
            head.length().ifPresent(full -> head.set("Content-Length", Long.toString(full + extra)));
        }

        @Override
        public InputStream response(InputStream body) {
            return new SequenceInputStream(body, FaultyBody.first(FaultyBody.zeros(), extra));
        }
    }

    /** Bytes of 0 follow the response's body without an end, and the response does not say how long it is. */
    record EndlessResponse() implements Fault {
        @Override
        public void response(HttpHead head) {
            head.drop("Content-Length");
            head.set("Transfer-Encoding", "chunked");
        }

        @Override
        public InputStream response(InputStream body) {
            return new SequenceInputStream(body, FaultyBody.zeros());
        }
    }

    /** The request waits before it goes to the registry. */
    record Delay(Duration time) implements Fault {
        @Override
        public void request(HttpHead head) throws IOException {
            try {
                Thread.sleep(time);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FaultyBody.Cut();
            }
        }
    }

    /** A range that the client asks for is not noticed: the registry answers 200 with all. */
    record IgnoreRange() implements Fault {
        @Override
        public void request(HttpHead head) {
            head.drop("Range");
        }
    }

    /** The registry sees another range than the client asked for, such as {@code bytes=0-9}, and answers with that. */
    record OtherRange(String range) implements Fault {
        @Override
        public void request(HttpHead head) {
            head.set("Range", range);
        }
    }

    /** A header of the response has another value, or is there although the registry did not send it. */
    record SetHeader(String name, String value) implements Fault {
        @Override
        public void response(HttpHead head) {
            head.set(name, value);
        }
    }

    /** A header of the response is missing. */
    record DropHeader(String name) implements Fault {
        @Override
        public void response(HttpHead head) {
            head.drop(name);
        }
    }

    /** The client is sent to the same path on another server, with 307. */
    record Redirect(URI server) implements Fault {
        @Override
        public Optional<Answer> answer(String path) {
            return Optional.of(Answer.redirect(307, server.resolve(path)));
        }
    }

    /** Changes what the registry is asked. */
    default void request(HttpHead head) throws IOException {}

    /** Changes what the registry is sent. */
    default InputStream request(InputStream body) {
        return body;
    }

    /** What the client is answered instead of asking the registry. */
    default Optional<Answer> answer(String path) {
        return Optional.empty();
    }

    /** Changes what the client is answered. */
    default void response(HttpHead head) {}

    /** Changes what the client is sent. */
    default InputStream response(InputStream body) {
        return body;
    }
}
