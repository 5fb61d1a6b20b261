package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.FilterInputStream;
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

/** Puts a blob into a repository: in one request, or in chunks if it is large; what broke off goes on where it broke off. */
final class BlobUpload {
    private static final long CHUNK = 16L << 20;
    private static final long SLOWEST_BYTES_PER_SECOND = 20_000;

    private final Repository to;
    private final Descriptor descriptor;
    private final ContentSource source;
    private final String doing;
    private long advanced;

    private BlobUpload(Repository to, Descriptor descriptor, ContentSource source) {
        this.to = to;
        this.descriptor = descriptor;
        this.source = source;
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
        } else {
            to.listener.started(descriptor, TransferListener.State.TRANSFERRED);
            if (descriptor.size() <= CHUNK || !inChunks(session.get())) {
                whole(session.get());
            }
        }
        to.listener.finished(descriptor);
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
        return response.headers()
                .firstValue("location")
                .map(asked::resolve)
                .orElseThrow(() -> new OciException(
                        Problem.SERVER, "cannot " + doing + ": the registry does not say where the upload goes on"));
    }

    private static URI withDigest(URI session, Digest digest) {
        String separator = session.getRawQuery() == null ? "?" : "&";
        return URI.create(session + separator + "digest=" + digest);
    }

    private void whole(URI first) {
        URI session = first;
        for (int attempt = 1; ; attempt++) {
            Call call = Call.of("PUT", withDigest(session, descriptor.digest()), to.toPush(), doing)
                    .header("Content-Type", "application/octet-stream")
                    .body(() -> body(0, descriptor.size()))
                    .within(patience(descriptor.size()))
                    .expect(200, 201, 202, 204)
                    .once();
            try {
                to.sendAndClose(call);
                return;
            } catch (OciException e) {
                retry(e, attempt);
                session = begin(Optional.empty()).orElseThrow(() -> e);
            }
        }
    }

    private void retry(OciException e, int attempt) {
        boolean mayPass = e.problem() == Problem.UNREACHABLE
                || e.problem() == Problem.RATE_LIMITED
                || e.problem() == Problem.SERVER
                || e.problem() == Problem.NOT_FOUND;
        if (!mayPass || attempt >= to.transport.options().attempts()) {
            throw e;
        }
        to.listener.note(e.getMessage() + "; trying again");
        Transport.sleep(to.transport.backOff(attempt));
    }

    /** Whether the registry takes chunks; if not, nothing was sent that counts. */
    private boolean inChunks(URI first) {
        URI session = first;
        long offset = 0;
        for (int failures = 0; offset < descriptor.size(); ) {
            long start = offset;
            long length = Math.min(CHUNK, descriptor.size() - start);
            Call call = Call.of("PATCH", session, to.toPush(), doing)
                    .header("Content-Type", "application/octet-stream")
                    .header("Content-Range", start + "-" + (start + length - 1))
                    .body(() -> body(start, length))
                    .within(patience(length))
                    .expect(200, 202, 204)
                    .once();
            try {
                session = location(to.sendAndClose(call), call.uri());
                offset += length;
                failures = 0;
            } catch (OciException e) {
                if (offset == 0 && e.problem() == Problem.UNSUPPORTED) {
                    return false;
                }
                failures++;
                retry(e, failures);
                Position position = position(session);
                session = position.session;
                offset = position.offset;
            }
        }
        Call end = Call.of("PUT", withDigest(session, descriptor.digest()), to.toPush(), doing)
                .body(() -> BodyPublishers.ofByteArray(new byte[0]))
                .expect(200, 201, 202, 204);
        to.sendAndClose(end);
        return true;
    }

    private record Position(URI session, long offset) {}

    /** Where an upload that broke off goes on; at its beginning, in a new session, if the registry has forgotten it. */
    private Position position(URI session) {
        Call call = Call.of("GET", session, to.toPush(), "ask how much is there, to " + doing)
                .expect(200, 202, 204, 404);
        HttpResponse<InputStream> response = to.sendAndClose(call);
        if (response.statusCode() == 404) {
            return new Position(
                    begin(Optional.empty()).orElseThrow(() -> new IllegalStateException("nothing was mounted")), 0);
        }
        long offset = response.headers()
                .firstValue("range")
                .map(range -> range.substring(range.indexOf('-') + 1))
                .filter(end -> end.matches("[0-9]{1,18}"))
                .map(end -> Long.parseLong(end) + 1)
                .orElse(0L);
        // A session without a byte says 0-0, as one with one byte does.
        long known = offset == 1 || offset > descriptor.size() ? 0 : offset;
        URI next = response.headers()
                .firstValue("location")
                .map(call.uri()::resolve)
                .orElse(session);
        return known == offset ? new Position(next, known) : restarted();
    }

    private Position restarted() {
        return new Position(
                begin(Optional.empty()).orElseThrow(() -> new IllegalStateException("nothing was mounted")), 0);
    }

    private static Duration patience(long bytes) {
        return Duration.ofSeconds(60 + bytes / SLOWEST_BYTES_PER_SECOND);
    }

    private BodyPublisher body(long offset, long length) {
        if (length == 0) {
            return BodyPublishers.noBody();
        }
        to.listener.advanced(descriptor, offset - advanced);
        advanced = offset;
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

    /** A part of the content that says how much of it was read. */
    private final class Counting extends FilterInputStream {
        private long left;

        Counting(InputStream in, long length) {
            super(in);
            left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int got = in.read(bytes, offset, (int) Math.min(length, left));
            if (got > 0) {
                left -= got;
                advanced += got;
                to.listener.advanced(descriptor, got);
            }
            return got;
        }
    }
}
