package dev.skiff.wasi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.linux.Descriptors;
import dev.skiff.linux.FileStatus;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A directory that is the root of all, such as a container's, with both ways of confining paths. */
class RootTest {
    private static final int DIR = 3;
    private static final long READ = Rights.FD_READ;
    private static final int PLACE = OpenFlags.PATH | OpenFlags.CLOSE_ON_EXEC;
    private static final int IN_ROOT = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;
    private static final int[] FLAGS = {
        PLACE,
        PLACE | OpenFlags.NO_FOLLOW,
        PLACE | OpenFlags.DIRECTORY,
        OpenFlags.READ_ONLY,
        OpenFlags.READ_ONLY | OpenFlags.NO_FOLLOW
    };
    private static final String[] NAMES = {"a", "b", "c", "d", "e", "f", "usr", "lib", "run", "."};

    @TempDir
    private Path temp;

    private Path inside;

    static Stream<Beneath> ways() {
        return Stream.of(KernelBeneath.INSTANCE, WalkBeneath.INSTANCE);
    }

    @BeforeEach
    void makeFolders() throws IOException {
        inside = Files.createDirectory(temp.resolve("inside"));
        Files.writeString(temp.resolve("secret"), "outside");
        Files.createDirectories(inside.resolve("run/lock"));
        Files.createDirectories(inside.resolve("usr/lib/deep"));
        Files.createDirectories(inside.resolve("etc"));
        Files.createDirectories(inside.resolve("var"));
        Files.writeString(inside.resolve("run/lock/file"), "inside");
        link("var/run", "/run");
        link("var/lock", "/var/run/lock/");
        link("etc/root", "/");
        link("etc/roots", "///");
        link("etc/new", "/run/new");
        link("usr/lib/up", "../../run/lock");
        link("usr/lib/deep/over", "../../../../../../secret");
        link("usr/lib/deep/away", "/../../secret");
        link("usr/lib/deep/home", "../../../..//run/lock/file");
        link("loop", "/loop");
    }

    /** Makes a link whose text stays as it is. */
    private void link(String name, String text) {
        int root = Paths.OWN.open(inside.toString(), PLACE, 0);
        Paths.OWN.symlink(bytes(text), root, bytes(name));
        Descriptors.close(root);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Probe guest(Beneath way) {
        return new Probe(WasiConfig.builder()
                .directory(PreopenedDirectory.root(inside, false))
                .beneath(way)
                .build());
    }

    private static String content(Probe guest, int directory, String path) {
        int fd = guest.open(directory, path, 0, READ).fd();
        int length = (int) guest.read(fd, 64).value();
        return guest.text(guest.lastRead, length);
    }

    private static int directory(Probe guest, String path) {
        return guest.open(DIR, path, true, OFlags.DIRECTORY, Rights.DIRECTORY, Rights.ALL, 0)
                .fd();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void linksToAbsolutePathsBeginAtTheRoot(Beneath way) {
        try (Probe guest = guest(way)) {
            for (String path : List.of(
                    "var/run/lock/file",
                    "var/lock/file",
                    "etc/root/var/lock/file",
                    "etc/roots/run/../var/run/lock/file",
                    "../../run/lock/file",
                    "var/run/../../../run/lock/file",
                    "usr/lib/up/file",
                    "usr/lib/deep/home")) {
                assertThat(content(guest, DIR, path)).as(path).isEqualTo("inside");
            }
            assertThat(guest.open(DIR, "loop", 0, READ).errno()).isEqualTo(Errno.ELOOP);
            assertThat(guest.open(DIR, "/run", 0, READ).errno()).isEqualTo(Errno.ENOTCAPABLE);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void fromADirectoryThatWasOpenedTheRootIsTheSame(Beneath way) {
        try (Probe guest = guest(way)) {
            int deep = directory(guest, "usr/lib/deep");
            int dot = directory(guest, ".");
            int etc = directory(guest, "etc");
            // Who has the directory from the start no more has the root all the same.
            assertThat(guest.call("fd_close", DIR)).isEqualTo(Errno.SUCCESS);

            assertThat(content(guest, etc, "root/run/lock/file")).isEqualTo("inside");
            assertThat(content(guest, etc, "../var/lock/file")).isEqualTo("inside");
            assertThat(content(guest, dot, "../../etc/../run/lock/file")).isEqualTo("inside");
            assertThat(content(guest, deep, "home")).isEqualTo("inside");
            assertThat(content(guest, deep, "../up/file")).isEqualTo("inside");
            assertThat(content(guest, deep, "../../../../../run/lock/file")).isEqualTo("inside");
            assertThat(guest.path("path_create_directory", deep, "../../../../made"))
                    .isEqualTo(Errno.SUCCESS);
        }
        assertThat(inside.resolve("made")).isDirectory();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void nothingLeadsOutside(Beneath way) throws IOException {
        try (Probe guest = guest(way)) {
            int deep = directory(guest, "usr/lib/deep");
            for (int from : new int[] {DIR, deep}) {
                String prefix = from == DIR ? "usr/lib/deep/" : "";
                for (String path :
                        List.of("over", "away", "../../../../secret", "../../../../../../../../../../secret")) {
                    assertThat(guest.open(from, prefix + path, 0, READ).errno())
                            .as(path)
                            .isEqualTo(Errno.ENOENT);
                }
                assertThat(guest.path("path_unlink_file", from, prefix + "../../../../secret"))
                        .isEqualTo(Errno.ENOENT);
            }
            assertThat(guest.open(deep, "over", OFlags.CREAT, Rights.FD_WRITE).errno())
                    .isEqualTo(Errno.SUCCESS);
        }
        assertThat(inside.resolve("secret")).isEmptyFile();
        assertThat(temp.resolve("secret")).hasContent("outside");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aFileIsMadeWhereALinkPoints(Beneath way) {
        try (Probe guest = guest(way)) {
            assertThat(guest.open(directory(guest, "etc"), "new", OFlags.CREAT, Rights.FD_WRITE)
                            .errno())
                    .isEqualTo(Errno.SUCCESS);
            assertThat(guest.open(DIR, "etc/new", OFlags.CREAT | OFlags.EXCL, Rights.FD_WRITE)
                            .errno())
                    .isEqualTo(Errno.EEXIST);
        }
        assertThat(inside.resolve("run/new")).isEmptyFile();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aDirectoryThatWasMovedAwayLeadsToNothingButTheRoot(Beneath way) throws IOException {
        link("usr/lib/deep/file", "/run/lock/file");
        try (Probe guest = guest(way)) {
            int deep = directory(guest, "usr/lib/deep");
            Files.move(inside.resolve("usr/lib/deep"), temp.resolve("moved"));

            assertThat(guest.open(deep, "../secret", 0, READ).errno()).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(guest.open(deep, "over", 0, READ).errno()).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(content(guest, deep, "file")).isEqualTo("inside");
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aDirectoryThatMovesInAndOutAllTheTimeLetsNothingOut(Beneath way) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Path home = inside.resolve("usr/lib/deep");
        Path away = temp.resolve("moved");
        try (Probe guest = guest(way)) {
            int deep = directory(guest, "usr/lib/deep");
            Thread mover = Thread.ofPlatform().start(() -> {
                while (!stop.get()) {
                    home.toFile().renameTo(away.toFile());
                    away.toFile().renameTo(home.toFile());
                }
            });
            int found = 0;
            try {
                for (int i = 0; i < 3_000; i++) {
                    for (String path : List.of("../secret", "over", "away")) {
                        assertThat(guest.open(deep, path, 0, READ).errno()).isIn(Errno.ENOENT, Errno.ENOTCAPABLE);
                    }
                    Probe.Answer file = guest.open(deep, "../up/file", 0, READ);
                    assertThat(file.errno()).isIn(Errno.SUCCESS, Errno.ENOTCAPABLE);
                    if (file.errno() == Errno.SUCCESS) {
                        assertThat(guest.call("fd_close", file.fd())).isEqualTo(Errno.SUCCESS);
                        found++;
                    }
                }
            } finally {
                stop.set(true);
                mover.join();
            }
            assertThat(found).isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void otherDirectoriesRefuseAsBefore(Beneath way) {
        WasiConfig config =
                WasiConfig.builder().directory(inside, "/").beneath(way).build();
        try (Probe guest = new Probe(config)) {
            assertThat(guest.open(DIR, "var/run", 0, READ).errno()).isEqualTo(Errno.ENOTCAPABLE);
            assertThat(guest.open(DIR, "../inside", 0, READ).errno()).isEqualTo(Errno.ENOTCAPABLE);
        }
    }

    /** The kernel's own answer for a path that starts at the root is the measure for both ways, from the root and from a directory in it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void randomTreesAreResolvedAsTheKernelDoes(long seed) throws IOException {
        Random random = new Random(seed);
        List<String> folders = randomTree(random);
        Set<String> outcomes = new HashSet<>();
        int root = Paths.OWN.open(inside.toString(), PLACE, 0);
        try {
            for (int i = 0; i < 1_500; i++) {
                String folder = folders.get(random.nextInt(folders.size()));
                String path = randomPath(random, 1 + random.nextInt(6));
                int flags = FLAGS[random.nextInt(FLAGS.length)];
                byte[] whole = bytes(folder + "/" + path);
                String expected = outcome(() -> kernels(root, whole, flags));
                outcomes.add(expected);
                int start = kernels(root, bytes(folder), PLACE);
                try {
                    for (Beneath way : ways().toList()) {
                        Start atRoot = new Start(root, OptionalInt.of(root));
                        assertThat(outcome(() -> way.open(Paths.OWN, atRoot, whole, flags, 0)))
                                .as("%s/%s with %x", folder, path, flags)
                                .isEqualTo(expected);
                        Start within = new Start(start, OptionalInt.of(root));
                        assertThat(outcome(() -> way.open(Paths.OWN, within, bytes(path), flags, 0)))
                                .as("%s in %s with %x", path, folder, flags)
                                .isEqualTo(expected);
                    }
                } finally {
                    Descriptors.close(start);
                }
            }
        } finally {
            Descriptors.close(root);
        }
        assertThat(outcomes).hasSizeGreaterThan(20).contains("ENOENT", "ENOTDIR", "ELOOP");
    }

    /** Makes folders, files and links, of which some lead nowhere, and returns the folders. */
    private List<String> randomTree(Random random) throws IOException {
        List<String> folders = new ArrayList<>(List.of(".", "usr", "usr/lib", "run"));
        for (int i = 0; i < 300; i++) {
            String name = folders.get(random.nextInt(folders.size())) + "/" + NAMES[random.nextInt(NAMES.length)];
            if (Files.exists(inside.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            switch (random.nextInt(4)) {
                case 0 -> Files.createFile(inside.resolve(name));
                case 1 -> {
                    Files.createDirectory(inside.resolve(name));
                    folders.add(name);
                }
                default -> link(name, (random.nextBoolean() ? "/" : "") + randomText(random));
            }
        }
        return folders;
    }

    /** Of a link, which is not empty. */
    private static String randomText(Random random) {
        String path = randomPath(random, random.nextInt(4));
        return path.isEmpty() ? "." : path;
    }

    private static String randomPath(Random random, int length) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < length; i++) {
            path.append(random.nextInt(3) == 0 ? ".." : NAMES[random.nextInt(NAMES.length)]);
            path.append(i < length - 1 || random.nextInt(4) == 0 ? "/" : "");
        }
        return path.toString();
    }

    /** Whatever is renamed on this machine, the kernel may ask to be asked again. */
    private static int kernels(int root, byte[] path, int flags) {
        while (true) {
            try {
                return Paths.OWN.open2(root, path, flags, 0, IN_ROOT);
            } catch (LinuxException e) {
                if (e.errno() != dev.skiff.linux.Errno.EAGAIN) {
                    throw e;
                }
            }
        }
    }

    /** What is opened: a file, or an error. */
    private static String outcome(IntSupplier open) {
        try {
            int fd = open.getAsInt();
            try {
                FileStatus status = Paths.status(fd);
                return status.device() + ":" + status.inode();
            } finally {
                Descriptors.close(fd);
            }
        } catch (Failure e) {
            return e.errno().name();
        } catch (LinuxException e) {
            return e.errno().name();
        }
    }
}
