package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Puts a blob into a repository: in one request, or in chunks if it is large; what broke off goes on where it broke off. */
final class BlobUpload {
    private static final long CHUNK = 16L << 20;
    private static final long SLOWEST_BYTES_PER_SECOND = 20_000;
    /** What a registry reads again, hashes or copies before it answers. */
    private static final long SLOWEST_DIGESTED_BYTES_PER_SECOND = 10_000_000;

    private final Repository to;
    private final Descriptor descriptor;
    private final ContentSource source;
    private final String doing;
    private final Call.Sending sending = new Sending();
    private final AtomicLong advanced = new AtomicLong();
    private volatile boolean taken;
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
        Call call = Call.of("POST", to.uri(path), scopes, doing)
                .body(() -> BodyPublishers.ofByteArray(new byte[0]))
                .expect(201, 202);
        HttpResponse<InputStream> response;
        try {
            response = to.sendAndClose(call);
        } catch (OciException e) {
            boolean refused = e.problem() == Problem.UNAUTHORIZED || e.problem() == Problem.FORBIDDEN;
            if (elsewhere.isEmpty() || !refused) {
                throw e;
            }
            // Who may not read the other repository can still put the blob here.
            return begin(Optional.empty());
        }
        return response.statusCode() == 201 ? Optional.empty() : Optional.of(location(response, call.uri()));
    }

    private URI location(HttpResponse<InputStream> response, URI asked) {
        String location = response.headers()
                .firstValue("location")
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
                .body(() -> body(0, descriptor.size()))
                .watching(sending)
                .within(patience(descriptor.size()))
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
                .body(() -> BodyPublishers.ofByteArray(new byte[0]))
                .within(digestion().plusSeconds(60))
                .expect(200, 201, 202, 204)
                .once();
        to.sendAndClose(end);
    }

    private Position chunk(Position at) {
        long length = Math.min(CHUNK, descriptor.size() - at.offset);
        Call call = Call.of("PATCH", at.session, to.toPush(), doing)
                .header("Content-Type", "application/octet-stream")
                .header("Content-Range", at.offset + "-" + (at.offset + length - 1))
                .body(() -> body(at.offset, length))
                .watching(sending)
                .within(patience(length))
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
            HttpResponse<InputStream> response = to.sendAndClose(call);
            // A session without a byte says 0-0, as one with one byte does.
            return response.headers()
                    .firstValue("range")
                    .map(range -> range.substring(range.indexOf('-') + 1))
                    .filter(end -> end.matches("[0-9]{1,18}"))
                    .map(end -> Long.parseLong(end) + 1)
                    .filter(offset -> offset > 1 && offset <= descriptor.size())
                    .map(offset -> new Position(
                            response.headers().firstValue("location").isPresent()
                                    ? location(response, session)
                                    : session,
                            offset));
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

    private Duration digestion() {
        return Duration.ofSeconds(descriptor.size() / SLOWEST_DIGESTED_BYTES_PER_SECOND);
    }

    private static Duration patience(long bytes) {
        return Duration.ofSeconds(60 + bytes / SLOWEST_BYTES_PER_SECOND);
    }

    private BodyPublisher body(long offset, long length) {
        if (length == 0) {
            return BodyPublishers.noBody();
        }
        to.listener.advanced(descriptor, offset - advanced.getAndSet(offset));
        taken = false;
        return BodyPublishers.fromPublisher(
                BodyPublishers.ofInputStream(() -> {
                    try {
                        return new Counting(source.from(offset), length);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }),
                length);
    }

    private final class Sending implements Call.Sending {
        @Override
        public long position() {
            return advanced.get();
        }

        @Override
        public boolean isDone() {
            return taken;
        }

        @Override
        public Duration digestion() {
            return BlobUpload.this.digestion();
        }
    }

    /** A part of the content that says how much of it was read. */
    private final class Counting extends BulkInput {
        private long left;

        Counting(InputStream in, long length) {
            super(in);
            left = length;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int got = in.read(bytes, offset, (int) Math.min(length, left));
            if (got > 0) {
                left -= got;
                advanced.addAndGet(got);
                taken = left == 0;
                to.listener.advanced(descriptor, got);
            }
            return got;
        }
    }
}
