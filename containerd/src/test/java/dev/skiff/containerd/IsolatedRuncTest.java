package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that stands for runc, before one that only says what it is asked. */
class IsolatedRuncTest {
    private record Result(int status, String out) {}

    @TempDir
    private Path folder;

    private Path bundle;

    @BeforeEach
    void prepare() throws IOException {
        bundle = Files.createDirectories(folder.resolve("bundle"));
        script(folder.resolve("real/runc"), "#!/bin/sh\necho \"$@\"\n");
        script(folder.resolve("own/runc"), Installation.text("runc.sh"));
        java("echo prepared");
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void java(String command) throws IOException {
        Files.writeString(folder.resolve("own/runc.conf"), "java='" + command + "'\nroot='/the/root'\n");
    }

    private void config(String json) throws IOException {
        Files.writeString(bundle.resolve("config.json"), json);
    }

    private Result runc(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(folder.resolve("own/runc").toString(), "--log", bundle + "/log.json", "--log-format", "json"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .put("PATH", folder.resolve("own") + ":" + folder.resolve("real") + ":" + System.getenv("PATH"));
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), out);
    }

    private String passed(String words) {
        return "--log " + bundle + "/log.json --log-format json " + words + "\n";
    }

    @Test
    void whatIsNotWasmIsTheRealOnes() throws IOException, InterruptedException {
        config("{\"process\":{\"args\":[\"/bin/sh\",\"x.wasm\"]}}");

        assertThat(runc("create", "--bundle", bundle.toString(), "--pid-file", "create", "one"))
                .isEqualTo(new Result(0, passed("create --bundle " + bundle + " --pid-file create one")));
        assertThat(runc("exec", "--process", "/p", "one")).isEqualTo(new Result(0, passed("exec --process /p one")));
        assertThat(runc("kill", "one", "15")).isEqualTo(new Result(0, passed("kill one 15")));
        assertThat(runc("delete", "one")).isEqualTo(new Result(0, passed("delete one")));
    }

    @Test
    void aSliceOfSystemdIsLeftToIt() throws IOException, InterruptedException {
        config(
                "{\"process\":{\"args\":[\"/bin/sh\"]},\"linux\":{\"cgroupsPath\":\"kubepods-pod1.slice:cri-containerd:one\"}}");

        assertThat(runc("create", "--bundle", bundle.toString(), "one").out()).startsWith("--systemd-cgroup --log ");
    }

    @Test
    void aProcessThatIsAddedIsPreparedFirst() throws IOException, InterruptedException {
        Files.createDirectories(bundle.resolve("skiff"));
        Path asked = folder.resolve("asked");
        script(folder.resolve("java"), "#!/bin/sh\necho \"$@\" >" + asked + "\n");
        java(folder.resolve("java") + " -cp a Main");

        assertThat(runc("exec", "--process", "/p", "one")).isEqualTo(new Result(0, passed("exec --process /p one")));
        assertThat(asked)
                .hasContent("-cp a Main exec " + bundle + "/log.json " + bundle + " /the/root " + folder
                        + "/java -cp a Main /p\n");
        java("/bin/false");

        assertThat(runc("exec", "--process", "/p", "one").status()).isEqualTo(1);
        assertThat(bundle.resolve("log.json"))
                .hasContent(
                        "{\"level\":\"error\",\"msg\":\"skiff: the JVM that prepares containers does not work: /bin/false\"}");
    }

    @Test
    void aSignalForAJvmThatIsGoneIsNotWaitedFor() throws IOException, InterruptedException {
        Files.createDirectories(bundle.resolve("skiff"));

        assertThat(runc("kill", "one", "15").status()).isZero();
        Files.writeString(bundle.resolve("init.pid"), "999999999");
        assertThat(runc("kill", "one", "15").status()).isZero();
    }
}
