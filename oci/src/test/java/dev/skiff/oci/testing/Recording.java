package dev.skiff.oci.testing;

import java.util.List;
import java.util.Map;

/** An {@link Exchange} while it happens. Thread-safe. */
final class Recording {
    private Exchange now;

    Recording(String method, String path, Map<String, List<String>> headers) {
        now = new Exchange(method, path, headers, 0, 0, 0);
    }

    synchronized Exchange snapshot() {
        return now;
    }

    synchronized void status(int status) {
        now = new Exchange(now.method(), now.path(), now.headers(), status, now.requestBytes(), now.responseBytes());
    }

    synchronized void passed(long bytes) {
        now = new Exchange(
                now.method(), now.path(), now.headers(), now.status(), now.requestBytes() + bytes, now.responseBytes());
    }

    synchronized void answered(long bytes) {
        now = new Exchange(
                now.method(), now.path(), now.headers(), now.status(), now.requestBytes(), now.responseBytes() + bytes);
    }
}
