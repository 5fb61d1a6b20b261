package dev.skiff.host;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Sockets;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Sockets that listen for one guest. Thread-safe. */
final class OpenListeners implements AutoCloseable {
    private static final int BACKLOG = 128;

    private final List<Integer> descriptors = new ArrayList<>();
    private final List<Listener> listening = new ArrayList<>();

    private OpenListeners() {}

    /**
     * Opens sockets.
     *
     * @throws NotRunnableException if an address cannot be had; says which and why
     */
    static OpenListeners open(Network network, List<Listener> listeners) {
        OpenListeners opened = new OpenListeners();
        if (!listeners.isEmpty()) {
            network.run(() -> listeners.forEach(opened::open));
        }
        return opened;
    }

    private void open(Listener listener) {
        try {
            open(listener.address());
        } catch (LinuxException e) {
            close();
            throw new NotRunnableException(
                    "it cannot listen on " + listener + ": " + e.errno().text(), e);
        }
    }

    private void open(InetSocketAddress address) {
        int family = address.getAddress() instanceof Inet6Address ? Sockets.INET6 : Sockets.INET;
        int socket = Sockets.open(family, Sockets.STREAM | Sockets.CLOSE_ON_EXEC);
        descriptors.add(socket);
        Sockets.setOption(socket, Sockets.LEVEL_SOCKET, Sockets.REUSE_ADDRESS, 1);
        Sockets.bind(socket, address);
        Sockets.listen(socket, BACKLOG);
        listening.add(new Listener(Sockets.localAddress(socket)));
    }

    /** Their file descriptors, in order. */
    List<Integer> descriptors() {
        return List.copyOf(descriptors);
    }

    /** Where they listen, in order. */
    List<Listener> listening() {
        return List.copyOf(listening);
    }

    @Override
    public synchronized void close() {
        descriptors.forEach(Descriptors::close);
        descriptors.clear();
    }
}
