package dev.skiff.host;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * A TCP socket that listens before the guest starts, which the guest finds open.
 *
 * @param address where it listens; port 0 lets the system choose
 */
public record Listener(InetSocketAddress address) {
    /**
     * Reads {@code 127.0.0.1:8080}, {@code [::1]:8080} or {@code localhost:8080}, with {@code tcp://} before it or not.
     *
     * @throws IllegalArgumentException if the text is something else, with a phrase that says what
     */
    public static Listener parse(String text) {
        String address = text.startsWith("tcp://") ? text.substring("tcp://".length()) : text;
        int colon = address.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("an address and a port such as 127.0.0.1:8080");
        }
        String host = address.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0 || host.indexOf('/') >= 0) {
            throw new IllegalArgumentException("an address and a port such as 127.0.0.1:8080 or [::1]:8080");
        }
        try {
            return new Listener(new InetSocketAddress(InetAddress.getByName(host), port(address.substring(colon + 1))));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address of this machine, and " + host + " is not known", e);
        }
    }

    /** The address and port, without a name that led to them. */
    @Override
    public String toString() {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65_535 && Character.isDigit(text.charAt(0))) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Falls through to the phrase that helps.
        }
        throw new IllegalArgumentException("a port of 0 to 65535 behind the address");
    }
}
