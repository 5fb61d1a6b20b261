package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.containerd.Containerd.Output;
import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What files tasks of a real containerd have, and which of them are theirs to change. */
@Tag("slow")
@ParameterizedClass
@EnumSource(Containerd.Version.class)
class ContainerdFilesTest {
    /** As WASI has it. */
    private static final int EACCES = 2;

    @RegisterExtension
    static final Containerds CONTAINERDS = new Containerds();

    private static Containerd containerd;
    private static CtrTasks tasks;

    // JUnit tells start() only what a field or the constructor asks for.
    @Parameter
    @SuppressWarnings("UnusedVariable")
    private Containerd.Version version;

    @BeforeParameterizedClassInvocation
    static void start(Containerd.Version version) throws IOException {
        containerd = CONTAINERDS.start(version);
        tasks = CtrTasks.of(
                containerd,
                LayerFile.of("hello.wasm", Guests.bytes("hello-c"), 0755),
                LayerFile.of("files.wasm", Guests.bytes("fileio-c"), 0755),
                LayerFile.of("loop.wasm", Guests.LOOP, 0755),
                LayerFile.of("make.wasm", Guests.MAKE, 0755),
                LayerFile.of("work/empty", new byte[0], 0644));
    }

    @Test
    void theFilesOfTheImageAreTheContainers() {
        Output output = tasks.run("/files.wasm", "/work");

        assertThat(output.status()).as(output.out()).isZero();
        assertThat(output.out()).endsWith("ok\n");
    }

    @Test
    void aMountIsSeenAndReadOnlyIfItShouldBe() throws IOException {
        Path host = Files.createDirectories(containerd.folder().resolve("host"));
        String mount = "type=bind,src=" + host + ",dst=/data,options=rbind:";

        assertThat(tasks.run(List.of("--mount", mount + "rw"), "/files.wasm", "/data")
                        .out())
                .endsWith("ok\n");
        assertThat(tasks.run(List.of("--mount", mount + "ro"), "/files.wasm", "/data")
                        .out())
                .doesNotEndWith("ok\n");
    }

    /** A bug: the volumes were read-only too. */
    @Test
    void aReadOnlyRootHasVolumesThatCanBeWritten() throws IOException {
        Path host = Files.createDirectories(containerd.folder().resolve("writable"));
        List<String> options =
                List.of("--read-only", "--mount", "type=bind,src=" + host + ",dst=/data,options=rbind:rw");

        assertThat(tasks.run(options, "/files.wasm", "/data").out()).endsWith("ok\n");
        assertThat(tasks.run(options, "/files.wasm", "/work").out()).doesNotEndWith("ok\n");
    }

    @Test
    void filesAndFileSystemsInMemoryAreMountedBeneathTheRoot() throws IOException {
        Path file = Files.writeString(containerd.folder().resolve("settings"), "port = 1\n");
        Path outer = Files.createDirectories(containerd.folder().resolve("outer"));
        Files.writeString(outer.resolve("kept"), "kept\n");
        String id = tasks.detached(
                List.of(
                        "--mount",
                        "type=bind,src=" + outer + ",dst=/a/b,options=rbind:rw",
                        "--mount",
                        "type=bind,src=" + file + ",dst=/a/b/c/settings,options=bind:ro",
                        "--mount",
                        "type=tmpfs,src=tmpfs,dst=/scratch,options=size=65536"),
                "/loop.wasm");
        try {
            assertThat(tasks.exec(id, "/skiff/cat", "/a/b/kept", "/a/b/c/settings")
                            .out())
                    .isEqualTo("kept\nport = 1\n");
            assertThat(tasks.exec(id, "/files.wasm", "/scratch").out()).endsWith("ok\n");
            assertThat(tasks.exec(id, "/skiff/ls", "/").out()).contains("a\n", "scratch\n");
        } finally {
            tasks.remove(id);
        }
        assertThat(containerd.mounts()).isEmpty();
        assertThat(outer.resolve("kept")).hasContent("kept\n");
        assertThat(file).hasContent("port = 1\n");
    }

    private static Path owned(String name, int id, String permissions) throws IOException {
        Path folder = Files.createDirectories(containerd.folder().resolve(name));
        Files.setAttribute(folder, "unix:uid", id);
        Files.setAttribute(folder, "unix:gid", id);
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
    }

    private static List<String> mountedAs(Path folder, String user) {
        Assumptions.assumeTrue(containerd.ctr("run", "--help").out().contains("--user"), "this ctr knows no users");
        return List.of("--user", user, "--mount", "type=bind,src=" + folder + ",dst=/data,options=rbind:rw");
    }

    @Test
    void aUserReachesItsFilesAndNoOthers() throws IOException {
        Path roots = owned("roots", 0, "rwx------");
        Path own = owned("own", 1_000, "rwx------");
        Path shared = owned("shared", 2_000, "rwxrwx---");

        assertThat(tasks.run(mountedAs(roots, "1000:1000"), "/make.wasm").status())
                .isEqualTo(EACCES);
        assertThat(tasks.run(mountedAs(own, "1000:1000"), "/make.wasm").status())
                .isZero();
        assertThat(tasks.run(mountedAs(own, "1001:1001"), "/make.wasm").status())
                .isEqualTo(EACCES);
        assertThat(tasks.run(mountedAs(shared, "1000:2000"), "/make.wasm").status())
                .isZero();
        assertThat(tasks.run(mountedAs(roots, "0:0"), "/make.wasm").status()).isZero();

        assertThat(Files.readAttributes(own.resolve("made"), "unix:uid,gid"))
                .isEqualTo(Map.of("uid", 1_000, "gid", 1_000));
        assertThat(Files.readAttributes(shared.resolve("made"), "unix:uid,gid"))
                .isEqualTo(Map.of("uid", 1_000, "gid", 2_000));
        assertThat(Files.readAttributes(roots.resolve("made"), "unix:uid,gid")).isEqualTo(Map.of("uid", 0, "gid", 0));
        assertThat(tasks.run(mountedAs(own, "1000:1000"), "/files.wasm", "/data")
                        .out())
                .endsWith("ok\n");
    }

    @Test
    void usersOfANamespaceAreThoseOfTheMachineThatTheyStandFor() throws IOException {
        Path roots = owned("unmapped", 0, "rwx------");
        Path own = owned("mapped", 100_000, "rwx------");
        for (Path folder : List.of(roots, own)) {
            Output output = tasks.run(
                    List.of(
                            "--uidmap",
                            "0:100000:65536",
                            "--gidmap",
                            "0:100000:65536",
                            "--mount",
                            "type=bind,src=" + folder + ",dst=/data,options=rbind:rw"),
                    "/make.wasm");

            assertThat(output.status()).as(output.err()).isEqualTo(folder.equals(own) ? 0 : EACCES);
        }
        assertThat(Files.readAttributes(own.resolve("made"), "unix:uid,gid"))
                .isEqualTo(Map.of("uid", 100_000, "gid", 100_000));
    }

    @Test
    void theDaemonsThreadsStayRoots() throws IOException {
        String id = tasks.detached(mountedAs(owned("busy", 0, "rwx------"), "1000:1000"), "/loop.wasm");
        try {
            assertThat(tasks.exec(id, "/skiff/ls", "/data").status()).isNotZero();
            assertThat(tasks.exec(id, "/skiff/ls", "/work").out()).isEqualTo("empty\n");

            long daemon = containerd.daemon().orElseThrow().pid();
            List<String> own = Belongings.rights(daemon);
            assertThat(own).contains("Uid:\t0\t0\t0\t0");
            assertThat(Belongings.rightsOfThreads(daemon)).hasSizeGreaterThan(5).containsOnly(own);
        } finally {
            tasks.remove(id);
        }
    }

    @Test
    void linksToAbsolutePathsAreTheContainersOwn() throws IOException {
        Path links = Files.createDirectories(containerd.folder().resolve("links"));
        Files.writeString(links.resolve("file"), "the container's");
        Path outside = Files.writeString(containerd.folder().resolve("outside"), "this machine's");
        Files.createSymbolicLink(links.resolve("work"), Path.of("/work"));
        Files.createSymbolicLink(links.resolve("absolute"), Path.of("/data/../data/file"));
        Files.createSymbolicLink(links.resolve("up"), Path.of("../../../data/file"));
        Files.createSymbolicLink(links.resolve("away"), outside);
        String id = tasks.detached(
                List.of("--mount", "type=bind,src=" + links + ",dst=/data,options=rbind:rw"), "/loop.wasm");
        try {
            assertThat(tasks.exec(id, "/skiff/cat", "/data/absolute", "/data/up")
                            .out())
                    .isEqualTo("the container's".repeat(2));
            assertThat(tasks.exec(id, "/files.wasm", "/data/work").out()).endsWith("ok\n");
            assertThat(tasks.exec(id, "/skiff/cat", "/data/away"))
                    .satisfies(output -> assertThat(output.status()).isNotZero())
                    .satisfies(output -> assertThat(output.out()).isEmpty());
        } finally {
            tasks.remove(id);
        }
    }

    /** A bug: what was mounted there stayed. */
    @Test
    void aRootThatIsAFolderOfTheMachineIsLeftAsItWas() throws IOException {
        Path root = Files.createDirectories(containerd.folder().resolve("own-root"));
        Files.write(root.resolve("hello.wasm"), Guests.bytes("hello-c"));

        Output output = containerd.ctr(
                "run",
                "--rm",
                "--runtime",
                CtrTasks.RUNTIME,
                "--rootfs",
                root.toString(),
                CtrTasks.id(),
                "/hello.wasm",
                "port");

        assertThat(output).isEqualTo(new Output(0, "hello from C, arguments [port], GREETING not set\n", ""));
        assertThat(containerd.mounts()).isEmpty();
        assertThat(root.resolve("hello.wasm")).exists();
    }

    @Test
    void whatCannotBeMountedIsSaid() {
        assertThat(tasks.run(List.of("--mount", "type=bind,src=/nowhere,dst=/data,options=rbind:rw"), "/hello.wasm")
                        .err())
                .contains("cannot mount /nowhere at /data in the container: ");
        assertThat(tasks.run(List.of("--mount", "type=ext4,src=/dev/sdx,dst=/data,options=ro"), "/hello.wasm")
                        .err())
                .contains("Wasm tasks have no file systems of the type ext4");
        assertThat(tasks.run(List.of("--mount", "type=bind,src=/etc,dst=/data,options=rbind:rshared"), "/hello.wasm")
                        .err())
                .contains("the option rshared is not known");
        assertThat(containerd.mounts()).isEmpty();
    }
}
