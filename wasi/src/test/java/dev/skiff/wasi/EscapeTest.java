package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.NativeMemory;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tries to reach what is outside of a directory, with both ways of confining paths. */
class EscapeTest {
    private static final int READ = OpenFlags.READ_ONLY;
    private static final int MAKE = OpenFlags.READ_WRITE | OpenFlags.CREATE;

    @TempDir
    Path temp;

    private Path inside;
    private Path outside;

    static Stream<Beneath> ways() {
        return Stream.of(KernelBeneath.INSTANCE, WalkBeneath.INSTANCE);
    }

    @BeforeEach
    void makeFolders() throws IOException {
        inside = Files.createDirectory(temp.resolve("inside"));
        outside = Files.createDirectory(temp.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        Files.createDirectories(inside.resolve("a/b"));
        Files.writeString(inside.resolve("a/b/file"), "inside");
    }

    private Directory directory(Beneath way) {
        return Directory.open(inside.toString(), Tree.refusing(Paths.OWN, false, way));
    }

    private static GuestPath path(String s) {
        return GuestPath.of(s.getBytes(StandardCharsets.UTF_8));
    }

    private static Errno errnoOf(Runnable action) {
        try {
            action.run();
            return Errno.SUCCESS;
        } catch (Failure e) {
            return e.errno();
        } catch (LinuxException e) {
            return Errno.of(e);
        }
    }

    private static Errno open(Directory directory, String path, int flags) {
        return errnoOf(() -> Descriptors.close(directory.open(path(path), flags)));
    }

    private static String content(Directory directory, String path) {
        int fd = directory.open(path(path), READ);
        long buffer = NativeMemory.allocate(64);
        try {
            byte[] bytes = new byte[(int) Descriptors.read(fd, buffer, 64)];
            NativeMemory.read(buffer, bytes, 0, bytes.length);
            return new String(bytes, StandardCharsets.UTF_8);
        } finally {
            NativeMemory.free(buffer);
            Descriptors.close(fd);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void pathsThatStayInsideWork(Beneath way) throws IOException {
        Files.createSymbolicLink(inside.resolve("a/up"), Path.of(".."));
        Files.createSymbolicLink(inside.resolve("a/here"), Path.of("./b/../b/"));
        try (Directory directory = directory(way)) {
            for (String path : new String[] {
                "a/b/file",
                "./a//b/./file",
                "a/../a/b/../b/file",
                "a/up/a/b/file",
                "a/here/file",
                "a/up/a/up/a/here/file"
            }) {
                assertThat(content(directory, path)).as(path).isEqualTo("inside");
            }
            for (String path : new String[] {".", "./", "a/", "a/b/..", "a/up", "a/up/", "a/here/", "a/here/.."}) {
                assertThat(open(directory, path, OpenFlags.DIRECTORY)).as(path).isEqualTo(Errno.SUCCESS);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void dotsDoNotLeave(Beneath way) {
        try (Directory directory = directory(way)) {
            for (String path : new String[] {
                "..",
                "../",
                "../outside/secret",
                "a/../../outside/secret",
                "./../outside/secret",
                "a/b/../../../outside",
                "../inside/a/b/file"
            }) {
                assertThat(open(directory, path, READ)).as(path).isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.status(path(path), true)))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.status(path(path), false)))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.makeDirectory(path(path))))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.unlinkFile(path(path))))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.removeDirectory(path(path))))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.readLink(path(path))))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.setTimes(path(path), true, 0, 0)))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.symlink(new byte[] {'x'}, path(path))))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
            }
            assertThat(open(directory, "../outside/new", MAKE)).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(outside.resolve("new")).doesNotExist();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void absolutePathsAreRefused(Beneath way) {
        assertThatThrownBy(() -> path("/")).isEqualTo(Errno.ENOTCAPABLE.failure());
        assertThatThrownBy(() -> path("//etc")).isEqualTo(Errno.ENOTCAPABLE.failure());
        try (Directory directory = directory(way)) {
            assertThat(errnoOf(() -> directory
                            .tree()
                            .beneath()
                            .open(Paths.OWN, directory.tree().top(directory.fd()), new byte[] {'/'}, READ, 0)))
                    .isNotEqualTo(Errno.SUCCESS);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void linksDoNotLeave(Beneath way) throws IOException {
        Files.createSymbolicLink(inside.resolve("absolute"), outside);
        Files.createSymbolicLink(inside.resolve("absolute-file"), outside.resolve("secret"));
        Files.createSymbolicLink(inside.resolve("a/relative"), Path.of("../../outside"));
        Files.createSymbolicLink(inside.resolve("chain"), Path.of("a/relative/secret"));
        Files.createSymbolicLink(inside.resolve("dangling"), outside.resolve("new"));
        Files.createSymbolicLink(inside.resolve("root"), Path.of("/"));
        try (Directory directory = directory(way)) {
            for (String path : new String[] {
                "absolute",
                "absolute/",
                "absolute///",
                "absolute/.",
                "absolute/secret",
                "absolute-file",
                "absolute-file/",
                "a/relative",
                "a/relative/",
                "a/relative/secret",
                "chain",
                "dangling",
                "dangling/",
                "root",
                "root/etc/passwd"
            }) {
                assertThat(open(directory, path, READ)).as(path).isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.status(path(path), true)))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.setTimes(path(path), true, 0, 0)))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
            }
            assertThat(open(directory, "dangling", MAKE)).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(open(directory, "absolute/new", MAKE)).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(errnoOf(() -> directory.makeDirectory(path("absolute/new"))))
                    .isEqualTo(Errno.ENOTCAPABLE);
            assertThat(errnoOf(() -> directory.unlinkFile(path("absolute/secret"))))
                    .isEqualTo(Errno.ENOTCAPABLE);
            assertThat(outside.toFile().list()).containsExactly("secret");
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void slashesAfterALinkDoNotLeave(Beneath way) throws IOException {
        Files.createSymbolicLink(inside.resolve("out"), outside);
        Files.createSymbolicLink(inside.resolve("out-file"), outside.resolve("secret"));
        try (Directory directory = directory(way)) {
            for (String path : new String[] {"out/", "out///", "out-file/"}) {
                GuestPath link = path(path);
                // Not followed either, although the kernel follows a link that has a slash after it.
                assertThat(open(directory, path, READ | OpenFlags.NO_FOLLOW))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.status(link, false)))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.readLink(link))).as(path).isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.setTimes(link, false, 0, 0)))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.link(link, directory, path("got"))))
                        .as(path)
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.unlinkFile(link))).as(path).isEqualTo(Errno.ENOTDIR);
                assertThat(errnoOf(() -> directory.removeDirectory(link)))
                        .as(path)
                        .isEqualTo(Errno.ENOTDIR);
                assertThat(errnoOf(() -> directory.rename(link, directory, path("got"))))
                        .as(path)
                        .isNotEqualTo(Errno.SUCCESS);
                assertThat(errnoOf(() -> directory.makeDirectory(link)))
                        .as(path)
                        .isEqualTo(Errno.EEXIST);
                assertThat(errnoOf(() -> directory.symlink(new byte[] {'x'}, link)))
                        .as(path)
                        .isEqualTo(Errno.EEXIST);
                assertThat(errnoOf(() -> directory.link(path("a/b/file"), directory, link)))
                        .as(path)
                        .isEqualTo(Errno.EEXIST);
                assertThat(errnoOf(() -> directory.rename(path("a"), directory, link)))
                        .as(path)
                        .isEqualTo(Errno.ENOTDIR);
            }
        }
        assertThat(outside.toFile().list()).containsExactly("secret");
        assertThat(inside.toFile().list()).containsExactlyInAnyOrder("a", "out", "out-file");
        assertThat(Files.getLastModifiedTime(outside.resolve("secret")).toMillis())
                .isPositive();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void hardLinksAndRenamesStayInside(Beneath way) throws IOException {
        Files.createSymbolicLink(inside.resolve("out"), outside);
        Files.createSymbolicLink(inside.resolve("file-out"), outside.resolve("secret"));
        try (Directory directory = directory(way)) {
            for (String there : new String[] {"../outside/got", "out/got"}) {
                assertThat(errnoOf(() -> directory.link(path("a/b/file"), directory, path(there))))
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.rename(path("a/b/file"), directory, path(there))))
                        .isEqualTo(Errno.ENOTCAPABLE);
            }
            for (String here : new String[] {"../outside/secret", "out/secret"}) {
                assertThat(errnoOf(() -> directory.link(path(here), directory, path("got"))))
                        .isEqualTo(Errno.ENOTCAPABLE);
                assertThat(errnoOf(() -> directory.rename(path(here), directory, path("got"))))
                        .isEqualTo(Errno.ENOTCAPABLE);
            }
            // A link to the link itself is no way out.
            directory.link(path("file-out"), directory, path("copy"));
            assertThat(directory.status(path("copy"), false).isSymlink()).isTrue();
            assertThat(open(directory, "copy", READ)).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(errnoOf(() -> directory.symlink("/etc".getBytes(StandardCharsets.UTF_8), path("etc"))))
                    .isEqualTo(Errno.ENOTCAPABLE);
        }
        assertThat(outside.toFile().list()).containsExactly("secret");
        assertThat(inside.resolve("a/b/file")).exists();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void magicLinksOfProcAreNotFollowed(Beneath way) {
        try (Directory proc = Directory.open("/proc/self", Tree.refusing(Paths.OWN, true, way))) {
            int own = Paths.OWN.open(outside.toString(), OpenFlags.DIRECTORY | OpenFlags.CLOSE_ON_EXEC, 0);
            try {
                for (String path : new String[] {
                    "root", "root/etc", "cwd", "cwd/", "exe", "fd/" + own, "fd/" + own + "/secret", "task/../root/"
                }) {
                    assertThat(open(proc, path, READ)).as(path).isIn(Errno.ELOOP, Errno.ENOTCAPABLE, Errno.ENOENT);
                }
            } finally {
                Descriptors.close(own);
            }
            assertThat(open(proc, "status", READ)).isEqualTo(Errno.SUCCESS);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void linkLoopsAndDeepPathsEnd(Beneath way) throws IOException {
        Files.createSymbolicLink(inside.resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(inside.resolve("p"), Path.of("q/x"));
        Files.createSymbolicLink(inside.resolve("q"), Path.of("p"));
        try (Directory directory = directory(way)) {
            assertThat(open(directory, "loop", READ)).isEqualTo(Errno.ELOOP);
            assertThat(open(directory, "loop", READ | OpenFlags.NO_FOLLOW)).isEqualTo(Errno.ELOOP);
            assertThat(open(directory, "p", READ)).isEqualTo(Errno.ELOOP);
            assertThat(open(directory, "a/".repeat(2_000), READ)).isIn(Errno.ENOENT, Errno.ENAMETOOLONG);
            assertThat(open(directory, "a/../".repeat(800) + "a/b/file", READ)).isEqualTo(Errno.SUCCESS);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aFolderSwappedForALinkAllTheTimeLetsNothingOut(Beneath way) throws Exception {
        Path swapped = inside.resolve("swapped");
        Path folder = Files.createDirectory(inside.resolve("folder"));
        Files.writeString(folder.resolve("secret"), "public");
        AtomicBoolean stop = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                swap(folder, swapped);
            }
        });
        int opened = 0;
        try (Directory directory = directory(way)) {
            long end = System.nanoTime() + 700_000_000L;
            while (System.nanoTime() < end) {
                for (String path :
                        new String[] {"swapped/secret", "a/../swapped/secret", "swapped/../swapped/secret"}) {
                    Errno errno =
                            errnoOf(() -> assertThat(content(directory, path)).isEqualTo("public"));
                    opened += errno == Errno.SUCCESS ? 1 : 0;
                    assertThat(errno).isIn(Errno.SUCCESS, Errno.ENOENT, Errno.ENOTCAPABLE, Errno.ENOTDIR);
                }
                errnoOf(() -> Descriptors.close(directory.open(path("swapped/made"), MAKE)));
                errnoOf(() -> directory.makeDirectory(path("swapped/made-folder")));
                errnoOf(() -> directory.rename(path("swapped/made"), directory, path("swapped/renamed")));
                errnoOf(() -> directory.link(path("swapped/secret"), directory, path("linked")));
                errnoOf(() -> directory.unlinkFile(path("swapped/secret-not")));
            }
        } finally {
            stop.set(true);
            swapper.join();
        }
        assertThat(opened).isPositive();
        assertThat(outside.toFile().list()).containsExactly("secret");
        assertThat(Files.getAttribute(outside.resolve("secret"), "unix:nlink")).isEqualTo(1);
    }

    /** The name is a folder for a moment, then a link out, then nothing. */
    private void swap(Path folder, Path swapped) {
        try {
            Files.move(folder, swapped, StandardCopyOption.ATOMIC_MOVE);
            Files.move(swapped, folder, StandardCopyOption.ATOMIC_MOVE);
            Files.createSymbolicLink(swapped, outside);
            Files.delete(swapped);
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            // The other side was faster.
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
