package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;

/** Gets a blob into the store. What broke off goes on where it broke off, also in a later process. */
final class BlobDownload {
    private static final int BUFFER = 1 << 17;
    /** How often the whole blob is asked for again because it was not what it should be. */
    private static final int MAX_RESTARTS = 1;

    private final Repository from;
    private final Descriptor descriptor;
    private final Ingest ingest;
    private long shown;

    private BlobDownload(Repository from, Descriptor descriptor, Ingest ingest) {
        this.from = from;
        this.descriptor = descriptor;
        this.ingest = ingest;
    }

    /**
     * Gets a blob, unless it is there.
     *
     * @throws OciException if the registry does not have it, or something else under its name
     */
    static void run(Repository from, Descriptor descriptor, Store store) {
        try (Ingest ingest = store.ingest(descriptor)) {
            TransferListener listener = from.listener;
            if (ingest.isDone()) {
                listener.started(descriptor, TransferListener.State.PRESENT);
                listener.finished(descriptor);
                return;
            }
            listener.started(descriptor, TransferListener.State.TRANSFERRED);
            new BlobDownload(from, descriptor, ingest).run();
            listener.finished(descriptor);
        }
    }

    private void run() {
        int failures = 0;
        int restarts = 0;
        long best = ingest.written();
        show();
        while (true) {
            long before = ingest.written();
            OciException failure;
            try {
                if (before < descriptor.size() || descriptor.size() == 0) {
                    fetch();
                }
                ingest.finish();
                return;
            } catch (BrokenException e) {
                failure = e.failure;
                // What has been there once is no progress.
                failures = ingest.written() > best ? 1 : failures + 1;
                best = Math.max(best, ingest.written());
                if (failures >= from.transport.options().attempts()) {
                    throw failure;
                }
            } catch (OciException e) {
                // What an earlier process left may be what is wrong.
                if (e.problem() != Problem.CORRUPT || restarts++ == MAX_RESTARTS || before == 0) {
                    throw corrupt(e);
                }
                failure = e;
                ingest.restart();
            }
            show();
            from.listener.note(failure.getMessage() + "; going on");
            Transport.sleep(from.transport.backOff(Math.max(1, failures)));
        }
    }

    private OciException corrupt(OciException e) {
        return e.problem() == Problem.CORRUPT
                ? new OciException(
                        Problem.CORRUPT,
                        "cannot get the blob " + descriptor.digest() + " of " + from.name() + ": " + e.getMessage(),
                        e)
                : e;
    }

    /** The connection broke, and it may be worth to go on. */
    private static final class BrokenException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient OciException failure;

        BrokenException(OciException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    private void fetch() throws BrokenException {
        long start = ingest.written();
        Call call = Call.of(
                        "GET",
                        from.uri("blobs/" + descriptor.digest()),
                        from.toPull(),
                        "get the blob " + descriptor.digest() + " of " + from.name())
                .expect(200, 206, 416);
        if (start > 0) {
            call = call.header("Range", "bytes=" + start + "-");
        }
        Answer answer = from.send(call);
        try (InputStream body = answer.body()) {
            if (start > 0 && !goesOn(answer, start)) {
                ingest.restart();
                show();
            }
            checkPart(answer, start, call);
            copy(body);
        } catch (IOException e) {
            throw new BrokenException(Failures.of(call, e));
        }
        if (ingest.written() < descriptor.size()) {
            throw new BrokenException(new OciException(
                    Problem.CORRUPT,
                    "cannot " + call.doing() + ": it ends after " + ingest.written() + " of " + descriptor.size()
                            + " bytes"));
        }
    }

    private static boolean goesOn(Answer answer, long start) {
        return answer.status() == 206
                && answer.header("content-range").orElse("bytes " + start + "-").startsWith("bytes " + start + "-");
    }

    /** Refuses what is neither all of the blob nor the part that was asked for. */
    private void checkPart(Answer answer, long start, Call call) throws BrokenException {
        if (answer.status() != 200 && !goesOn(answer, start)) {
            throw new BrokenException(new OciException(
                    Problem.SERVER,
                    "cannot " + call.doing() + ": the registry does not give the part of it from byte " + start
                            + " on"));
        }
        long length = answer.length().orElse(descriptor.size());
        if (answer.status() == 200 && length != descriptor.size()) {
            throw new OciException(
                    Problem.CORRUPT,
                    "it has " + length + " bytes there instead of the " + descriptor.size() + " that it should have");
        }
    }

    private void copy(InputStream body) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int got = body.read(buffer); got >= 0; got = body.read(buffer)) {
            ingest.write(buffer, 0, got);
            show();
        }
    }

    /** Says how much is there. */
    private void show() {
        from.listener.advanced(descriptor, ingest.written() - shown);
        shown = ingest.written();
    }
}
