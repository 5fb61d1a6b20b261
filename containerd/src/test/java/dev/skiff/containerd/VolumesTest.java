package dev.skiff.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.skiff.containerd.Spec.Mount;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is mounted beneath a container's root. */
class VolumesTest {
    @TempDir
    private Path folder;

    private Path root;
    private Path source;

    @BeforeEach
    void mountRoot() throws IOException {
        Assumptions.assumeTrue(Containerd.canMount(), "only root can mount");
        root = Files.createDirectory(folder.resolve("root"));
        source = Files.createDirectory(folder.resolve("source"));
        Files.writeString(source.resolve("file"), "content");
        MountOptions options = MountOptions.parse(List.of());
        options.mount("tmpfs", root.toString(), "tmpfs");
        options.adjust(root.toString());
    }

    @AfterEach
    void unmountRoot() {
        if (root != null) {
            RootMount.unmountAll(root);
        }
    }

    private void mount(Path from, String destination, String... options) {
        Volumes.mount(
                root, List.of(new Mount(destination, "bind", from.toString(), MountOptions.parse(List.of(options)))));
    }

    @Test
    void aFolderIsMountedWhereThereWasNothing() {
        mount(source, "/a/b/c", "rbind");

        assertThat(root.resolve("a/b/c/file")).hasContent("content");
    }

    @Test
    void readOnlyIsTheKernelsBusiness() {
        mount(source, "/a", "rbind", "ro");

        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> Files.writeString(root.resolve("a/file"), "other"))
                .withMessageContaining("Read-only file system");
    }

    @Test
    void aFileIsMountedWhereThereWasNoneOrAnother() throws IOException {
        Files.writeString(root.resolve("hosts"), "the image's");

        mount(source.resolve("file"), "/hosts", "bind");
        mount(source.resolve("file"), "/etc/hosts", "bind");

        assertThat(root.resolve("hosts")).hasContent("content");
        assertThat(root.resolve("etc/hosts")).hasContent("content");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/inside", "../../inside", "../../../../../../../../inside"})
    void linksOfTheImageLeadNowhereElse(String target) throws IOException {
        Files.createSymbolicLink(root.resolve("link"), Path.of(target));
        Files.createDirectory(root.resolve("inside"));

        mount(source, "/link/data", "rbind");

        assertThat(root.resolve("inside/data/file")).hasContent("content");
    }

    @Test
    void aLinkThatLeadsNowhereIsRefused() throws IOException {
        Files.createSymbolicLink(root.resolve("link"), Path.of("/nothing"));

        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> mount(source, "/link", "rbind"))
                .withMessageStartingWith("cannot mount " + source + " at /link in the container: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"relative", "/", "/..", ""})
    void placesThatAreNoneAreRefused(String destination) {
        assertThatExceptionOfType(RpcException.class)
                .isThrownBy(() -> mount(source, destination, "rbind"))
                .withMessageContaining("no absolute path beneath the root");
    }

    @Test
    void ofTheKernelsPlacesOnlyFilesAreMounted() {
        mount(source, "/dev/shm", "rbind");
        mount(source.resolve("file"), "/dev/termination-log", "bind");

        assertThat(root.resolve("dev/shm")).doesNotExist();
        assertThat(root.resolve("dev/termination-log")).hasContent("content");
    }

    /** With mounts that others share, unmounting the copy would unmount theirs. */
    @Test
    void whatIsMountedInTheSourceStaysWhenTheRootGoes() throws IOException {
        Path inner = Files.createDirectory(source.resolve("inner"));
        MountOptions shared = new MountOptions(0, 1 << 20, List.of());
        shared.mount("tmpfs", inner.toString(), "tmpfs");
        shared.adjust(inner.toString());
        try {
            Files.writeString(inner.resolve("kept"), "kept");
            mount(source, "/data", "rbind");
            assertThat(root.resolve("data/inner/kept")).hasContent("kept");

            RootMount.unmountAll(root);

            assertThat(inner.resolve("kept")).hasContent("kept");
            assertThat(root).isEmptyDirectory();
        } finally {
            RootMount.unmountAll(inner);
        }
    }
}
