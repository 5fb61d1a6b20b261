package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** HTTP/2 with peers that say anything. */
class Http2ExchangeTest {
    /** The head of every answer, in the literal form of HPACK: {@code :status 200} from the static table. */
    private static final byte[] HEAD = {0, 0, 1, 1, 4, 0, 0, 0, 1, (byte) 0x88};

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    @Provide
    Arbitrary<byte[]> frames() {
        Arbitrary<byte[]> payload = Arbitraries.bytes().array(byte[].class).ofMaxSize(20);
        return Combinators.combine(
                        Arbitraries.integers().between(0, 17),
                        Arbitraries.of(0, 1, 4, 5, 8, 9, 0x20, 0x2d, 0xff),
                        Arbitraries.of(0, 1, 1, 1, 2, -1),
                        payload)
                .as(Http2ExchangeTest::frame);
    }

    @Property
    void whatAPeerSaysIsAnAnswerOrAFailureOfTheConnection(
            @ForAll boolean begins, @ForAll List<@From("frames") byte[]> frames) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        said.writeBytes(begins ? HEAD : new byte[0]);
        frames.forEach(said::writeBytes);
        Http2Exchange exchange = new Http2Exchange(
                new ByteArrayInputStream(said.toByteArray()), OutputStream.nullOutputStream(), data -> {});

        Throwable failure = catchThrowable(() -> exchange.run(Map.of(":method", "POST"), new byte[5]));

        if (failure != null) {
            assertThat(failure).isInstanceOf(IOException.class);
        }
    }
}
