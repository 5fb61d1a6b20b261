package dev.skiff.oci.testing;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** A client's connection to a {@link FaultProxy}, one request after the other. Each has a connection of its own to the target. */
final class FaultConnection {
    /** Header fields for one connection alone (RFC 9110, section 7.6.1), and an offer of HTTP/2. */
    private static final List<String> HOP_BY_HOP =
            List.of("Connection", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "HTTP2-Settings", "Expect");

    private static final Fault NONE = new Fault() {};

    private final FaultProxy proxy;
    private final Socket client;

    FaultConnection(FaultProxy proxy, Socket client) {
        this.proxy = proxy;
        this.client = client;
    }

    /** Serves the connection to its end. */
    void serve() {
        try {
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = new BufferedOutputStream(client.getOutputStream());
            Optional<HttpHead> request = HttpHead.read(in);
            while (request.isPresent() && exchange(request.get(), in, out)) {
                request = HttpHead.read(in);
            }
        } catch (FaultyBody.Stall e) {
            // Not by reading: a peer whose bytes are taken is not stalled.
            proxy.awaitClose();
        } catch (IOException e) {
            // The client went away, the target did, or a rule wants this: the connection ends in any case.
        } finally {
            proxy.release(client);
        }
    }

    /** Whether the connection is good for another request. */
    private boolean exchange(HttpHead request, InputStream in, OutputStream out) throws IOException {
        Recording recording = proxy.record(request);
        Optional<Fault> found = proxy.fault(request);
        Fault fault = found.orElse(NONE);
        String method = request.startPart(0);
        fault.request(request);
        if (request.first("Expect").isPresent()) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        InputStream body = fault.request(HttpBody.ofRequest(request, in));
        Optional<Answer> answer = fault.answer(request.startPart(1));
        if (answer.isPresent()) {
            body.transferTo(OutputStream.nullOutputStream());
            return answer(answer.get(), method, recording, out);
        }
        Socket target = proxy.connect();
        try {
            forward(request, body, recording, new Listener(target.getOutputStream()));
            InputStream from = new BufferedInputStream(target.getInputStream());
            HttpHead response = response(from);
            InputStream answered = HttpBody.ofResponse(response, method, from);
            fault.response(response);
            boolean framed = response.isChunked() || response.length().isPresent();
            boolean keeps = found.isEmpty() && (framed || HttpBody.isEmpty(response, method));
            response.set("Connection", keeps ? "keep-alive" : "close");
            recording.status(response.status());
            response.write(out);
            out.flush();
            if (!HttpBody.isEmpty(response, method)) {
                copy(fault.response(answered), out, response.isChunked(), recording::answered);
            }
            out.flush();
            return keeps;
        } finally {
            proxy.release(target);
        }
    }

    private boolean answer(Answer answer, String method, Recording recording, OutputStream out) throws IOException {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        HttpHead head = new HttpHead("HTTP/1.1 " + answer.status() + " Fault");
        answer.headers().forEach(head::set);
        head.set("Content-Length", Integer.toString(body.length));
        recording.status(answer.status());
        head.write(out);
        if (!HttpBody.isEmpty(head, method)) {
            recording.answered(body.length);
            out.write(body);
        }
        out.flush();
        return true;
    }

    private void forward(HttpHead request, InputStream body, Recording recording, OutputStream to) throws IOException {
        HOP_BY_HOP.forEach(request::drop);
        request.add("Connection", "close");
        OutputStream out = new BufferedOutputStream(to);
        request.write(out);
        out.flush();
        copy(body, out, request.isChunked(), recording::passed);
        out.flush();
    }

    private HttpHead response(InputStream from) throws IOException {
        HttpHead response = HttpHead.read(from).orElseThrow(() -> new IOException("the target does not answer"));
        while (response.status() < 200) {
            response = HttpHead.read(from).orElseThrow(() -> new IOException("the target does not answer"));
        }
        HOP_BY_HOP.forEach(response::drop);
        Optional<String> location = response.first("Location");
        String own = proxy.target().toString();
        if (location.isPresent() && location.get().startsWith(own)) {
            response.set("Location", proxy.uri() + location.get().substring(own.length()));
        }
        return response;
    }

    /** Copies a body; what is read is on its way before more is, so that a fault comes at its place. */
    private static void copy(InputStream body, OutputStream out, boolean chunked, LongConsumer counter)
            throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            counter.accept(count);
            if (chunked) {
                HttpBody.writeChunk(out, buffer, count);
            } else {
                out.write(buffer, 0, count);
            }
            out.flush();
        }
        if (chunked) {
            HttpBody.writeChunk(out, buffer, 0);
        }
    }

    /** A target that may stop to listen in the middle of a request, as it has answered: the rest is for nobody. */
    private static final class Listener extends FilterOutputStream {
        private boolean gone;

        Listener(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            try {
                if (!gone) {
                    out.write(bytes, offset, length);
                }
            } catch (IOException e) {
                gone = true;
            }
        }
    }
}
