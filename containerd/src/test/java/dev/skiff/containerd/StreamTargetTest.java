package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.containerd.RpcException.Code;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTargetTest {
    @Test
    void namesAreReadAsContainerdMeansThem() {
        assertThat(StreamTarget.of("")).isEqualTo(new StreamTarget.None());
        assertThat(StreamTarget.of("/run/a pipe")).isEqualTo(new StreamTarget.NamedPipe("/run/a pipe"));
        assertThat(StreamTarget.of("file:///var/log/a%20b.log"))
                .isEqualTo(new StreamTarget.Appended("/var/log/a b.log"));
        assertThat(StreamTarget.of("binary:///bin/log"))
                .isEqualTo(new StreamTarget.Logger("/bin/log", List.of(), Map.of()));
    }

    @Test
    void aQueryIsArgumentsAndEnvironment() {
        assertThat(StreamTarget.of("binary:///bin/log?id=a+b%26&k2&env.A=1%3D2&id=other&&env.B&=x"))
                .isEqualTo(new StreamTarget.Logger(
                        "/bin/log", List.of("id", "a b&", "k2", "", "", "x"), Map.of("A", "1=2", "B", "")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file://",
                "file:///",
                "file://relative/path",
                "binary://",
                "binary:///",
                "binary://host/path",
                "binary:///bin/log?a=%zz",
                "file:///a b",
                "file:///a%00b",
                "://x"
            })
    void whatLeadsNowhereIsRefused(String name) {
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> StreamTarget.of(name))
                .withMessageContaining(name)
                .extracting(RpcException::code)
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    void anotherSchemeIsNotOffered() {
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> StreamTarget.of("npipe:////./pipe/x"))
                .extracting(RpcException::code)
                .isEqualTo(Code.UNIMPLEMENTED);
    }
}
