package dev.skiff.containerd;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer of HTTP/1.1 (RFC 9112), after which the connection is closed.
 *
 * @param status such as 200
 * @param headers lines besides those of every answer, without their ends
 * @param body what it says
 */
@SuppressWarnings("ArrayRecordComponent")
record HttpAnswer(int status, List<String> headers, byte[] body) {
    /** One without more than a sentence for people. */
    static HttpAnswer refusal(int status, String why, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Content-Type: text/plain; charset=utf-8");
        return new HttpAnswer(status, all, (why + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String phrase(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 431 -> "Request Header Fields Too Large";
            default -> "Internal Server Error";
        };
    }

    /** It as it is sent. */
    byte[] toBytes() {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " " + phrase(status) + "\r\n");
        headers.forEach(line -> head.append(line).append("\r\n"));
        head.append("Content-Length: ").append(body.length).append("\r\nConnection: close\r\n\r\n");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(body);
        return out.toByteArray();
    }
}
