package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding files in an image, and what its command means. */
class FindTest {
    @TempDir
    Path scratch;

    @Test
    void findsAFileWhoseBytesCanBeRead() throws IOException {
        try (ImageTree tree = tree(new Tar().file("bin/app.wasm", "code", 0751))) {
            ImageFile file = tree.find("/bin/app.wasm").orElseThrow();
            assertThat(file.path()).isEqualTo("/bin/app.wasm");
            assertThat(file.size()).isEqualTo(4);
            assertThat(file.permissions()).isEqualTo(0751);
            assertThat(read(file)).isEqualTo("code");
            assertThat(tree.find("bin//./app.wasm")).isPresent();
        }
    }

    @Test
    void readsFromTheNewPlaceOnceTheTreeIsMaterialized() throws IOException {
        ImageFile file;
        try (ImageTree tree = tree(new Tar().file("a", "code").hardLink("b", "a"))) {
            file = tree.find("b").orElseThrow();
            tree.materialize(scratch.resolve("root"));
            assertThat(read(file)).isEqualTo("code");
        }
        assertThat(read(file)).isEqualTo("code");
    }

    @Test
    void followsLinksWithinTheImage() {
        Tar layer = new Tar()
                .file("opt/app/v1/app.wasm", "code")
                .symlink("opt/app/current", "v1")
                .symlink("app.wasm", "/opt/app/current/app.wasm")
                .symlink("out", "../../../opt/./app/current/../v1/app.wasm")
                .symlink("etc", "/etc");
        try (ImageTree tree = tree(layer)) {
            assertThat(tree.find("/app.wasm")).map(ImageFile::path).contains("/opt/app/v1/app.wasm");
            assertThat(tree.find("../out")).map(ImageFile::path).contains("/opt/app/v1/app.wasm");
            assertThat(tree.find("/etc/passwd")).isEmpty();
        }
    }

    @Test
    void whatIsNoFileIsNotFound() {
        Tar layer = new Tar()
                .dir("d")
                .symlink("a", "b")
                .symlink("b", "a")
                .symlink("l", "none")
                .file("f", "");
        try (ImageTree tree = tree(layer)) {
            assertThat(List.of("", "/", "d", "a", "a/x", "l", "f/x", "f/..", "none/../f/x", "no/such"))
                    .allSatisfy(path -> assertThat(tree.find(path)).isEmpty());
        }
    }

    @Test
    void aCommandWithASlashIsAPathFromTheWorkingDirectory() {
        try (ImageTree tree = tree(new Tar().file("work/bin/app", "").file("app", ""))) {
            assertResolves(tree, "/work/bin/app", "", "/", "/work/bin/app");
            assertResolves(tree, "bin/app", "", "/work", "/work/bin/app");
            assertResolves(tree, "./app", "", "work/bin", "/work/bin/app");
            assertResolves(tree, "../bin/app", "", "/work/bin", "/work/bin/app");
            assertThat(tree.resolveExecutable("no/app", Optional.empty(), "/")).isEmpty();
        }
    }

    @Test
    void anyOtherCommandIsSearchedAlongThePath() {
        Tar layer = new Tar()
                .file("a/app", "")
                .file("b/app", "")
                .file("bin/app", "")
                .dir("dir/app")
                .file("cwd/own", "");
        try (ImageTree tree = tree(layer)) {
            assertResolves(tree, "app", "/none:/dir:/b:/a", "/", "/b/app");
            assertThat(tree.resolveExecutable("app", Optional.empty(), "/"))
                    .map(ImageFile::path)
                    .contains("/bin/app");
            assertResolves(tree, "own", "/a::/b", "/cwd", "/cwd/own");
            assertThat(tree.resolveExecutable("own", Optional.of("/a:/b"), "/cwd"))
                    .isEmpty();
        }
    }

    @Test
    void imagesOfOneFileAreFoundInTheRootDirectory() {
        try (ImageTree tree = tree(new Tar().file("app.wasm", ""))) {
            assertResolves(tree, "app.wasm", "/bin", "/no/such/directory", "/app.wasm");
            assertResolves(tree, "./app.wasm", "/bin", "/work", "/app.wasm");
            assertResolves(tree, "/app.wasm", "", "/", "/app.wasm");
            assertThat(tree.resolveExecutable("", Optional.empty(), "/")).isEmpty();
            assertThat(tree.resolveExecutable("other.wasm", Optional.empty(), "/"))
                    .isEmpty();
        }
    }

    private static void assertResolves(ImageTree tree, String command, String path, String cwd, String found) {
        assertThat(tree.resolveExecutable(command, Optional.of(path), cwd))
                .map(ImageFile::path)
                .contains(found);
    }

    private ImageTree tree(Tar layer) {
        return ImageTree.read(List.of(layer.layer("the layer")), scratch, UnpackLimits.DEFAULTS);
    }

    private static String read(ImageFile file) throws IOException {
        try (InputStream in = file.open()) {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }
}
