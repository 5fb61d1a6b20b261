package dev.skiff.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class SocketsTest {
    @Test
    void aConnectionOverLoopbackCarriesBytesBothWays() {
        int listener = Sockets.open(Sockets.INET, Sockets.STREAM | Sockets.CLOSE_ON_EXEC);
        Sockets.setOption(listener, Sockets.LEVEL_SOCKET, Sockets.REUSE_ADDRESS, 1);
        Sockets.bind(listener, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        Sockets.listen(listener, 5);
        InetSocketAddress address = Sockets.localAddress(listener);
        assertThat(address.getPort()).isPositive();
        assertThat(Sockets.option(listener, Sockets.LEVEL_SOCKET, Sockets.ACCEPTS_CONNECTIONS))
                .isEqualTo(1);

        int client = Sockets.open(Sockets.INET, Sockets.STREAM | Sockets.CLOSE_ON_EXEC);
        Sockets.connect(client, address);
        int server = Sockets.accept(listener, Sockets.CLOSE_ON_EXEC | Sockets.NONBLOCK);
        try (Buffer hello = Buffer.of("hello");
                Buffer in = new Buffer(16)) {
            assertThatThrownBy(() -> Sockets.receive(server, in.vectors, 1, 0)).hasMessageContaining("EAGAIN");
            assertThat(Sockets.send(client, hello.vectors, 1, Sockets.NO_SIGNAL))
                    .isEqualTo(5);
            assertThat(Sockets.receive(server, in.vectors, 1, Sockets.PEEK).bytes())
                    .isEqualTo(5);
            assertThat(Sockets.receive(server, in.vectors, 1, 0).bytes()).isEqualTo(5);
            assertThat(in.text(5)).isEqualTo("hello");
            Sockets.shutdown(client, Sockets.SHUT_WRITE);
            assertThat(Sockets.receive(server, in.vectors, 1, 0).bytes()).isZero();
        }
        Descriptors.close(server);
        Descriptors.close(client);
        Descriptors.close(listener);
    }

    @Test
    void addressesOfVersionSixAreKept() {
        int fd = Sockets.open(Sockets.INET6, Sockets.STREAM | Sockets.CLOSE_ON_EXEC);
        try {
            Sockets.bind(fd, new InetSocketAddress(InetAddress.ofLiteral("::1"), 0));
            assertThat(Sockets.localAddress(fd).getAddress()).isEqualTo(InetAddress.ofLiteral("::1"));
        } finally {
            Descriptors.close(fd);
        }
    }
}
