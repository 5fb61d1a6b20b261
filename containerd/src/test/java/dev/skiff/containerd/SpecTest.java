package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.containerd.RpcException.Code;
import dev.skiff.linux.Capability;
import dev.skiff.linux.FileUser;
import dev.skiff.wasm.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a bundle's config.json. */
class SpecTest {
    @TempDir
    private Path bundle;

    private Spec read(String json) throws IOException {
        Files.writeString(bundle.resolve("config.json"), json);
        return Spec.read(bundle);
    }

    @Test
    void whatMattersIsRead() throws IOException {
        Spec spec = read("""
                {"ociVersion":"1.0.2", "process": {"args": ["/app.wasm", "x"], "env": ["A=b=c", "PATH=/bin", "odd"], "cwd": "/work",
                              "user": {"uid": 4294967294, "gid": 7, "additionalGids": [8, 9], "umask": 18},
                              "rlimits": [{"type": "RLIMIT_CORE", "hard": 1, "soft": 1}, {"type": "RLIMIT_NOFILE", "hard": 9, "soft": 8}]},
                 "root": {"path": "rootfs", "readonly": true},
                 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                            {"destination": "/data", "type": "bind", "source": "/srv", "options": ["rbind", "ro"]}],
                 "annotations": {"io.kubernetes.cri.container-type": "container"},
                 "linux": {"namespaces": [{"type": "pid"}, {"type": "network", "path": "/var/run/netns/x"}],
                           "resources": {"memory": {"limit": 1048576}, "cpu": {"quota": 20000, "period": 50000, "shares": 512}, "pids": {"limit": 5}}}}
                """);

        assertThat(spec.process().arguments()).containsExactly("/app.wasm", "x");
        assertThat(spec.process().environment()).isEqualTo(Map.of("A", "b=c", "PATH", "/bin", "PWD", "/work"));
        assertThat(spec.process().directory()).isEqualTo("/work");
        assertThat(spec.process().openFiles()).contains(8);
        assertThat(spec.process().user()).isEqualTo(new FileUser(4_294_967_294L, 7, List.of(8L, 9L), 022, Set.of()));
        assertThat(spec.root()).isEqualTo(bundle.resolve("rootfs"));
        assertThat(spec.readOnly()).isTrue();
        assertThat(spec.mounts())
                .containsExactly(
                        new Spec.Mount("/proc", "proc", "proc", MountOptions.parse(List.of())),
                        new Spec.Mount("/data", "bind", "/srv", MountOptions.parse(List.of("rbind", "ro"))));
        assertThat(spec.mounts()).extracting(Spec.Mount::readOnly).containsExactly(false, true);
        assertThat(spec.isSandbox()).isFalse();
        assertThat(spec.network()).isEqualTo(new ContainerNetwork.Named(Path.of("/var/run/netns/x")));
        assertThat(spec.resources())
                .isEqualTo(new Resources(
                        OptionalLong.of(1048576), OptionalDouble.of(0.4), OptionalInt.of(512), OptionalLong.of(5)));
    }

    @Test
    void whatIsNotSaidHasNoLimits() throws IOException {
        Spec spec = read("""
                {"process": {"args": ["a"]}, "annotations": {"io.kubernetes.cri.container-type": "sandbox"},
                 "linux": {"resources": {"memory": {"limit": -1}, "cpu": {"quota": -1, "period": 100000}}}}
                """);

        assertThat(spec.resources().initial().maxMemoryBytes()).isEqualTo(Limits.DEFAULT.maxMemoryBytes());
        assertThat(spec.resources().initial().cpuQuota()).isEmpty();
        assertThat(spec.network()).isEqualTo(new ContainerNetwork.OfHost());
        assertThat(spec.mounts()).isEmpty();
        assertThat(spec.process().user()).isEqualTo(new FileUser(0, 0, List.of(), 0, Set.of()));
        assertThat(spec.readOnly()).isFalse();
        assertThat(spec.isSandbox()).isTrue();
    }

    @Test
    void usersOfANamespaceAreMapped() throws IOException {
        String users = """
                {"process": {"args": ["a"]},
                 "linux": {"namespaces": [{"type": "%s"}],
                           "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}, {"containerID": 10, "hostID": 70000, "size": 2}],
                           "gidMappings": [{"containerID": 5, "hostID": 3, "size": 1}]}}
                """;
        FileUser user = new FileUser(11, 5, List.of(5L), 022, Capability.ALL);

        assertThat(read(users.formatted("mount")).users().onMachine(user)).isEqualTo(user);
        UserMappings mappings = read(users.formatted("user")).users();
        assertThat(mappings.onMachine(user)).isEqualTo(new FileUser(70_001, 3, List.of(3L), 022, Set.of()));
        for (FileUser unknown : List.of(
                FileUser.ROOT,
                new FileUser(12, 5, List.of(), 0, Set.of()),
                new FileUser(0, 5, List.of(6L), 0, Set.of()))) {
            assertThatExceptionOfType(RpcException.class)
                    .isThrownBy(() -> mappings.onMachine(unknown))
                    .withMessageContaining("no mapping");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}",
                "{\"process\": 3}",
                "{\"process\": {\"args\": []}}",
                "{\"process\": {\"args\": \"a\"}}",
                "{\"process\": {\"args\": [{}]}}",
                "{\"process\": {\"args\": [\"a\"], \"env\": 1}}",
                "{\"process\": {\"args\": [\"a\"], \"user\": {\"uid\": -1}}}",
                "{\"process\": {\"args\": [\"a\"], \"user\": {\"gid\": 4294967295}}}",
                "{\"process\": {\"args\": [\"a\"], \"user\": {\"uid\": \"nobody\"}}}",
                "{\"process\": {\"args\": [\"a\"], \"user\": {\"additionalGids\": [-1]}}}",
                "{\"process\": {\"args\": [\"a\"]}, \"mounts\": [1]}",
                "{\"process\": {\"args\": [\"a\"]}, \"annotations\": {\"a\": {}}}",
                "{\"process\": {\"args\": [\"a\"]}, \"linux\": {\"resources\": {\"memory\": {\"limit\": \"x\"}}}}"
            })
    void whatIsWrongIsRefused(String json) {
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> read(json))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT));
    }

    @Test
    void aBundleWithoutAConfigurationIsSaid() {
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> Spec.read(bundle))
                .withMessageContaining(bundle.resolve("config.json").toString());
    }
}
