package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Wasm container's configuration, as it comes and as runc gets it. */
class IsolatedBundleTest {
    private static final String CONFIG = """
            {"ociVersion": "1.0.2",
             "process": {"terminal": true, "user": {"uid": 1000, "gid": 1000, "additionalGids": [7]}, "args": ["/app.wasm", "x"],
                         "env": ["A=b", "JAVA_TOOL_OPTIONS=-version", "LD_PRELOAD=/evil.so"], "cwd": "/work",
                         "capabilities": {"bounding": ["CAP_SYS_ADMIN"], "effective": ["CAP_SYS_ADMIN"]},
                         "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 9, "soft": 8}],
                         "apparmorProfile": "cri-containerd.apparmor.d", "oomScoreAdj": 985},
             "root": {"path": "rootfs"},
             "hostname": "boat",
             "mounts": [{"destination": "/sys", "type": "sysfs", "source": "sysfs"},
                        {"destination": "/data", "type": "bind", "source": "/srv", "options": ["rbind", "rw"]}],
             "hooks": {"createRuntime": [{"path": "/bin/true"}]},
             "annotations": {"skiff.dev/fuel": "5"},
             "linux": {"cgroupsPath": "/pods/1", "namespaces": [{"type": "pid"}, {"type": "network", "path": "/var/run/netns/x"}],
                       "devices": [{"path": "/dev/sda", "type": "b", "major": 8, "minor": 0}], "rootfsPropagation": "rshared",
                       "seccomp": {"defaultAction": "SCMP_ACT_ERRNO"}, "maskedPaths": [],
                       "resources": {"memory": {"limit": 67108864, "swap": 67108864}, "cpu": {"quota": 150000, "period": 100000, "shares": 2},
                                     "unified": {"memory.high": "1000", "memory.low": "7"}}}}
            """;

    private static final JavaCommand JAVA = new JavaCommand(List.of(
            "/jdk/bin/java", "-XX:+UseSerialGC", "-XX:AOTCache=/lib/s.aot", "-cp", "/lib/s.jar:/lib/t.jar", "Main"));

    @TempDir
    private Path bundle;

    private JsonObject container(String json) throws IOException {
        Files.writeString(bundle.resolve("config.json"), json);
        return new IsolatedBundle(Path.of("/lib/root"), JAVA)
                .container(JsonParser.parseString(json).getAsJsonObject(), Spec.read(bundle), bundle.resolve("seen"));
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    @Test
    void theProcessIsAJvmWithNothingOfTheProgramsEnvironment() throws IOException {
        assertThat(Json.object(container(CONFIG), "process")).isEqualTo(json("""
                {"terminal": true, "user": {"uid": 1000, "gid": 1000, "additionalGids": [7]},
                 "args": ["/jdk/bin/java", "-Xmx65536k", "-XX:ActiveProcessorCount=2", "-XX:+UseSerialGC", "-XX:AOTCache=/lib/s.aot",
                          "-cp", "/lib/s.jar:/lib/t.jar", "Main", "run"],
                 "env": ["LD_LIBRARY_PATH=/lib"], "cwd": "/",
                 "capabilities": {"bounding": [], "effective": [], "inheritable": [], "permitted": [], "ambient": []},
                 "rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}],
                 "apparmorProfile": "cri-containerd.apparmor.d", "oomScoreAdj": 985, "noNewPrivileges": true}
                """));
    }

    @Test
    void theContainerIsTheJvmsWithItsFilesInAFolder() throws IOException {
        JsonObject made = container(CONFIG);

        assertThat(Json.object(made, "root")).isEqualTo(json("{\"path\": \"/lib/root\", \"readonly\": true}"));
        assertThat(Json.elements(made, "mounts"))
                .extracting(each -> Json.text(each.getAsJsonObject(), "source").orElseThrow() + " "
                        + Json.text(each.getAsJsonObject(), "destination").orElseThrow() + " "
                        + String.join(",", Json.texts(each.getAsJsonObject(), "options")))
                .containsExactly(
                        "proc /proc nosuid,noexec,nodev",
                        "tmpfs /dev nosuid,noexec,mode=755,size=64k",
                        "devpts /dev/pts nosuid,noexec,newinstance,ptmxmode=0666,mode=0620",
                        "/jdk /jdk rbind,rprivate,ro,nosuid,nodev",
                        "/lib/s.aot /lib/s.aot rbind,rprivate,ro,nosuid,nodev",
                        "/lib/s.jar /lib/s.jar rbind,rprivate,ro,nosuid,nodev",
                        "/lib/t.jar /lib/t.jar rbind,rprivate,ro,nosuid,nodev",
                        bundle + "/seen /config.json rbind,rprivate,ro,nosuid,nodev,noexec",
                        bundle + "/rootfs /rootfs rbind,rslave,nosuid,nodev,noexec");
        assertThat(made.has("hooks")).isFalse();
        assertThat(Json.text(made, "hostname")).contains("boat");
    }

    @Test
    void namespacesAndFiltersStayAndLimitsHaveRoomForTheJvm() throws IOException {
        JsonObject linux = Json.object(container(CONFIG), "linux");

        assertThat(linux.keySet())
                .containsExactlyInAnyOrder(
                        "cgroupsPath", "namespaces", "seccomp", "maskedPaths", "readonlyPaths", "resources");
        assertThat(Json.texts(linux, "maskedPaths")).contains("/proc/kcore");
        assertThat(Json.object(linux, "resources")).isEqualTo(json("""
                {"memory": {"limit": 167772160, "swap": 167772160}, "cpu": {"quota": 150000, "period": 100000, "shares": 2},
                 "unified": {"memory.high": "100664296", "memory.low": "7"}}
                """));
    }

    @Test
    void whatHasNoLimitsGetsNone() throws IOException {
        JsonObject made = container("{\"process\": {\"args\": [\"/app.wasm\"]}}");

        assertThat(Json.texts(Json.object(made, "process"), "args"))
                .startsWith("/jdk/bin/java", "-XX:+UseSerialGC")
                .endsWith("Main", "run");
        assertThat(IsolatedBundle.resources(json("{\"memory\": {\"limit\": -1}, \"cpu\": {\"quota\": -1}}")))
                .isEqualTo(json("{\"memory\": {\"limit\": -1}, \"cpu\": {\"quota\": -1}}"));
    }

    @Test
    void filesThatNothingMayChangeAreMountedSo() throws IOException {
        JsonObject made = container(CONFIG.replace("\"rootfs\"}", "\"rootfs\", \"readonly\": true}"));

        assertThat(Json.texts(Json.elements(made, "mounts").getLast().getAsJsonObject(), "options"))
                .contains("ro");
    }

    @Test
    void aProcessThatIsAddedIsAJvmThatKnowsWhatToRun() {
        JsonObject process = json("""
                {"args": ["/skiff/ls", "ü"], "env": ["JAVA_TOOL_OPTIONS=-version"], "cwd": "/work", "user": {"uid": 5, "gid": 5}}
                """);

        JsonObject made = new IsolatedBundle(Path.of("/lib/root"), JAVA)
                .process(process, Resources.parse(json("{\"memory\": {\"limit\": 1048576}}")));

        assertThat(Json.texts(made, "args"))
                .startsWith("/jdk/bin/java", "-Xmx33280k")
                .endsWith("Main", "run");
        assertThat(Json.object(made, "user")).isEqualTo(json("{\"uid\": 5, \"gid\": 5}"));
        Optional<String> description = Json.texts(made, "env").stream()
                .filter(each -> each.startsWith("SKIFF_PROCESS="))
                .findFirst();
        byte[] decoded = Base64.getDecoder().decode(description.orElseThrow().substring("SKIFF_PROCESS=".length()));
        assertThat(json(new String(decoded, StandardCharsets.UTF_8))).isEqualTo(process);
        assertThat(Json.texts(made, "env")).hasSize(2).contains("LD_LIBRARY_PATH=/lib");
    }
}
