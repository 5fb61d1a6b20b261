package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Puts a blob into a repository: in one request, or in chunks if it is large; what broke off goes on where it broke off. */
final class BlobUpload {
    private static final long CHUNK = 16L << 20;
    /** What was sent may still be on its way for as long as the registry may take nothing, times this. */
    private static final int STALLS_BEFORE_AN_ANSWER = 4;

    /** What a registry reads again, hashes or copies before it answers. */
    private static final long SLOWEST_DIGESTED_BYTES_PER_SECOND = 10_000_000;

    private final Repository to;
    private final Descriptor descriptor;
    private final ContentSource source;
    private final String doing;
    private final AtomicLong advanced = new AtomicLong();
    /** Failures since there was progress. */
    private int failures;
    /** How much was there at most. */
    private long most;

    private boolean chunks;

    private BlobUpload(Repository to, Descriptor descriptor, ContentSource source) {
        this.to = to;
        this.descriptor = descriptor;
        this.source = source;
        chunks = descriptor.size() > CHUNK;
        doing = "put the blob " + descriptor.digest() + " to " + to.name();
    }

    /**
     * Puts a blob there, unless it is there.
     *
     * @param elsewhere another repository of the same registry that has it, if one is known
     */
    static void run(Repository to, Descriptor descriptor, ContentSource source, Optional<String> elsewhere) {
        if (to.hasBlob(descriptor.digest())) {
            to.listener.started(descriptor, TransferListener.State.PRESENT);
            to.listener.finished(descriptor);
            return;
        }
        new BlobUpload(to, descriptor, source).run(elsewhere);
    }

    private void run(Optional<String> elsewhere) {
        Optional<URI> session = begin(elsewhere);
        if (session.isEmpty()) {
            to.listener.started(descriptor, TransferListener.State.MOUNTED);
            to.listener.finished(descriptor);
            return;
        }
        to.listener.started(descriptor, TransferListener.State.TRANSFERRED);
        while (session.isPresent() && !isSent(session.get())) {
            session = begin(Optional.empty());
        }
        to.listener.finished(descriptor);
    }

    /** Whether all was put there in a session; if not, it may be in another one. */
    private boolean isSent(URI session) {
        try {
            if (chunks) {
                inChunks(session);
            } else {
                whole(session);
            }
            return true;
        } catch (OciException e) {
            failed(e);
            // Perhaps only the answer was lost.
            return to.hasBlob(descriptor.digest());
        }
    }

    /**
     * Waits before it is tried again.
     *
     * @throws OciException what went wrong, if there is no sense in that
     */
    private void failed(OciException e) {
        failures++;
        boolean odd = e.problem() == Problem.SERVER || e.problem() == Problem.NOT_FOUND;
        if (chunks && most == 0 && (e.problem() == Problem.UNSUPPORTED || odd && failures > 1)) {
            // Registries that take no chunks say so in many ways.
            chunks = false;
            return;
        }
        if (!odd && e.problem() != Problem.UNREACHABLE
                || failures >= to.transport.options().attempts()) {
            throw e;
        }
        to.listener.note(e.getMessage() + "; trying again");
        Transport.sleep(to.transport.backOff(failures));
    }

    /** Starts a session; empty if the registry had the blob in the other repository. */
    private Optional<URI> begin(Optional<String> elsewhere) {
        String path = "blobs/uploads/";
        List<String> scopes = new ArrayList<>(to.toPush());
        if (elsewhere.isPresent()) {
            path += "?mount=" + descriptor.digest() + "&from=" + elsewhere.get();
            scopes.add("repository:" + elsewhere.get() + ":pull");
        }
        Call call =
                Call.of("POST", to.uri(path), scopes, doing).body(Body.EMPTY).expect(201, 202);
        Answer answer;
        try {
            answer = to.sendAndClose(call);
        } catch (OciException e) {
            boolean refused = e.problem() == Problem.UNAUTHORIZED || e.problem() == Problem.FORBIDDEN;
            if (elsewhere.isEmpty() || !refused) {
                throw e;
            }
            // Who may not read the other repository can still put the blob here.
            return begin(Optional.empty());
        }
        return answer.status() == 201 ? Optional.empty() : Optional.of(location(answer, call.uri()));
    }

    private URI location(Answer answer, URI asked) {
        String location = answer.header("location")
                .orElseThrow(() -> new OciException(
                        Problem.SERVER, "cannot " + doing + ": the registry does not say where the upload goes on"));
        return Endpoint.safe(asked, location)
                .orElseThrow(() -> new OciException(
                        Problem.SERVER,
                        "cannot " + doing + ": the registry says that the upload goes on at " + location
                                + ", which is not safe"));
    }

    private static URI withDigest(URI session, Digest digest) {
        String separator = session.getRawQuery() == null ? "?" : "&";
        return URI.create(session + separator + "digest=" + digest);
    }

    private void whole(URI session) {
        Call call = Call.of("PUT", withDigest(session, descriptor.digest()), to.toPush(), doing)
                .header("Content-Type", "application/octet-stream")
                .body(new Part(0, descriptor.size()))
                .within(patience())
                .expect(200, 201, 202, 204)
                .once();
        to.sendAndClose(call);
    }

    /** Where an upload goes on. */
    private record Position(URI session, long offset) {}

    private void inChunks(URI session) {
        Position at = new Position(session, 0);
        while (at.offset < descriptor.size()) {
            at = chunk(at);
            if (at.offset > most) {
                most = at.offset;
                failures = 0;
            }
        }
        Call end = Call.of("PUT", withDigest(at.session, descriptor.digest()), to.toPush(), doing)
                .body(Body.EMPTY)
                .within(patience())
                .expect(200, 201, 202, 204)
                .once();
        to.sendAndClose(end);
    }

    private Position chunk(Position at) {
        long length = Math.min(CHUNK, descriptor.size() - at.offset);
        Call call = Call.of("PATCH", at.session, to.toPush(), doing)
                .header("Content-Type", "application/octet-stream")
                .header("Content-Range", at.offset + "-" + (at.offset + length - 1))
                .body(new Part(at.offset, length))
                .within(patience())
                .expect(200, 202, 204)
                .once();
        try {
            return new Position(location(to.sendAndClose(call), call.uri()), at.offset + length);
        } catch (OciException e) {
            if (most == 0) {
                throw e;
            }
            failed(e);
            return position(at.session).orElseGet(this::restarted);
        }
    }

    /** Where an upload that broke off goes on; empty if the registry has forgotten it, or does not say. */
    private Optional<Position> position(URI session) {
        Call call = Call.of("GET", session, to.toPush(), "ask how much is there, to " + doing)
                .expect(200, 202, 204);
        try {
            Answer answer = to.sendAndClose(call);
            // A session without a byte says 0-0, as one with one byte does.
            return answer.header("range")
                    .map(range -> range.substring(range.indexOf('-') + 1))
                    .filter(end -> end.matches("[0-9]{1,18}"))
                    .map(end -> Long.parseLong(end) + 1)
                    .filter(offset -> offset > 1 && offset <= descriptor.size())
                    .map(offset -> new Position(
                            answer.header("location").isPresent() ? location(answer, session) : session, offset));
        } catch (OciException e) {
            if (e.problem() == Problem.UNREACHABLE) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private Position restarted() {
        return new Position(
                begin(Optional.empty())
                        .orElseThrow(() -> new OciException(
                                Problem.SERVER, "cannot " + doing + ": the registry has it, and does not say so")),
                0);
    }

    /** How long the registry may need when it was sent everything. */
    private Duration patience() {
        return to.transport
                .options()
                .stall()
                .multipliedBy(STALLS_BEFORE_AN_ANSWER)
                .plusSeconds(descriptor.size() / SLOWEST_DIGESTED_BYTES_PER_SECOND);
    }

    /** A part of the content. */
    private final class Part implements Body {
        private final long offset;
        private final long length;

        Part(long offset, long length) {
            this.offset = offset;
            this.length = length;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public InputStream open() throws IOException {
            to.listener.advanced(descriptor, offset - advanced.getAndSet(offset));
            return length == 0 ? InputStream.nullInputStream() : new Counting(source.from(offset));
        }
    }

    /** Content that says how much of it was read. */
    private final class Counting extends BulkInput {
        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int got = in.read(bytes, offset, length);
            if (got > 0) {
                advanced.addAndGet(got);
                to.listener.advanced(descriptor, got);
            }
            return got;
        }
    }
}
