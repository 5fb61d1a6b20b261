package dev.skiff.oci;

import static dev.skiff.oci.Tar.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import dev.skiff.oci.OciException.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules by which layers make a file system. */
class ImageTreeTest {
    private static final String DIR = "dir rwxr-xr-x";

    @TempDir
    Path scratch;

    @Test
    void anImageWithoutLayersIsAnEmptyDirectory() {
        assertThat(unpack()).containsExactly(entry("", DIR));
    }

    @Test
    void keepsFilesDirectoriesAndLinksWithTheirPermissions() {
        Tar layer = new Tar()
                .dir("bin", 0700)
                .file("bin/app", "code", 0754)
                .symlink("bin/sh", "/bin/app")
                .hardLink("bin/again", "bin/app");
        assertThat(unpack(layer))
                .containsExactly(
                        entry("", DIR),
                        entry("bin", "dir rwx------"),
                        entry("bin/again", "file rwxr-xr-- 0: code"),
                        entry("bin/app", "file rwxr-xr-- 0: code"),
                        entry("bin/sh", "link ../bin/app"));
    }

    @Test
    void dropsTheBitsThatLendRights() {
        assertThat(unpack(new Tar().file("su", "", 06755).dir("tmp", 01777)))
                .containsEntry("su", "file rwxr-xr-x 0: ")
                .containsEntry("tmp", "dir rwxrwxrwx");
    }

    @Test
    void makesDirectoriesThatNoEntryNames() {
        assertThat(unpack(new Tar().file("a/b/c", "x"))).containsEntry("a", DIR).containsEntry("a/b", DIR);
    }

    @Test
    void anEntryForTheRootDescribesIt() {
        assertThat(unpack(new Tar().dir(".", 0711).file("./a", "x")))
                .containsExactly(entry("", "dir rwx--x--x"), entry("a", "file rw-r--r-- 0: x"));
    }

    @Test
    void theLastOfTwoEntriesWins() {
        assertThat(unpack(new Tar().file("a", "1").file("./a", "2"))).containsEntry("a", "file rw-r--r-- 0: 2");
        assertThat(unpack(new Tar().file("a", "1"), new Tar().file("a", "2")))
                .containsEntry("a", "file rw-r--r-- 0: 2");
    }

    @Test
    void aDirectoryOnADirectoryChangesItsPermissionsAlone() {
        assertThat(unpack(new Tar().file("d/a", "1"), new Tar().dir("d", 0500)))
                .containsEntry("d", "dir r-x------")
                .containsKey("d/a");
    }

    @Test
    void aFileReplacesADirectoryAndTheReverse() {
        assertThat(unpack(new Tar().file("d/a", "1"), new Tar().file("d", "now a file")))
                .containsOnlyKeys("", "d")
                .containsEntry("d", "file rw-r--r-- 0: now a file");
        assertThat(unpack(new Tar().file("d", "a file"), new Tar().dir("d").file("d/a", "1")))
                .containsOnlyKeys("", "d", "d/a");
    }

    @Test
    void aDirectoryReplacesALinkToOne() {
        assertThat(unpack(
                        new Tar().file("real/a", "1").symlink("d", "real"),
                        new Tar().dir("d").file("d/b", "2")))
                .containsOnlyKeys("", "real", "real/a", "d", "d/b");
    }

    @Test
    void aWhiteoutRemovesWhatLowerLayersHave() {
        Tar lower = new Tar().file("d/a", "1").file("d/b", "2").file("e/c", "3");
        assertThat(unpack(lower, new Tar().whiteout("d/.wh.a").whiteout(".wh.e")))
                .containsOnlyKeys("", "d", "d/b");
        assertThat(unpack(lower, new Tar().whiteout("d/.wh.none").whiteout("none/.wh.a")))
                .containsOnlyKeys("", "d", "d/a", "d/b", "e", "e/c");
        assertThat(unpack(lower, new Tar().whiteout("d/a/.wh.b"))).containsKey("d/a");
    }

    @Test
    void whiteoutsDoNotTouchTheirOwnLayerWhereverInItTheyAre() {
        Tar lower = new Tar().file("a/b/c/bar", "1").file("a/other", "2");
        Tar before = new Tar().dir("a").whiteout("a/.wh..wh..opq").file("a/b/c/foo", "3");
        Tar after = new Tar().dir("a").file("a/b/c/foo", "3").whiteout("a/.wh..wh..opq");
        assertThat(unpack(lower, before))
                .isEqualTo(unpack(lower, after))
                .containsOnlyKeys("", "a", "a/b", "a/b/c", "a/b/c/foo");
        assertThat(unpack(lower, new Tar().file("a/b/new", "3").whiteout("a/.wh.b")))
                .isEqualTo(unpack(lower, new Tar().whiteout("a/.wh.b").file("a/b/new", "3")))
                .containsOnlyKeys("", "a", "a/b", "a/b/new", "a/other");
        assertThat(unpack(lower, new Tar().file("a/other", "new").whiteout("a/.wh.other")))
                .containsEntry("a/other", "file rw-r--r-- 1: new");
    }

    @Test
    void anOpaqueRootRemovesAll() {
        assertThat(unpack(
                        new Tar().file("a/b", "1"),
                        new Tar().whiteout(".wh..wh..opq").file("c", "2")))
                .containsOnlyKeys("", "c");
    }

    @Test
    void whatIsRemovedThroughALinkThatIsRemovedTooStays() {
        Tar lower = new Tar().file("d/f", "1").symlink("l", "d");
        assertThat(unpack(lower, new Tar().whiteout(".wh.l").whiteout("l/.wh.f")))
                .containsOnlyKeys("", "d", "d/f");
        assertThat(unpack(lower, new Tar().whiteout("l/.wh.f").whiteout(".wh.l")))
                .containsOnlyKeys("", "d", "d/f");
    }

    @Test
    void anOpaqueDirectoryInPlaceOfALinkDoesNotEmptyWhereTheLinkLed() {
        // The overlay file system makes such layers of rm lib && mkdir lib.
        Tar lower = new Tar().file("usr/lib/a", "1").symlink("lib", "usr/lib");
        assertThat(unpack(
                        lower, new Tar().dir("lib").whiteout("lib/.wh..wh..opq").file("lib/b", "2")))
                .isEqualTo(unpack(
                        lower, new Tar().whiteout("lib/.wh..wh..opq").dir("lib").file("lib/b", "2")))
                .containsOnlyKeys("", "usr", "usr/lib", "usr/lib/a", "lib", "lib/b");
        assertThat(unpack(lower, new Tar().dir("lib").whiteout("lib/.wh.a"))).containsKey("usr/lib/a");
    }

    @Test
    void aRemovedFileKeepsItsOtherNames() {
        assertThat(unpack(new Tar().file("a", "1").hardLink("b", "a"), new Tar().whiteout(".wh.a")))
                .containsOnlyKeys("", "b");
    }

    @Test
    void hardLinksReachFilesOfLowerLayersAndLinks() {
        assertThat(unpack(new Tar().file("d/a", "1"), new Tar().hardLink("b", "/d/../d/a")))
                .containsEntry("b", "file rw-r--r-- 0: 1")
                .containsEntry("d/a", "file rw-r--r-- 0: 1");
        assertThat(unpack(new Tar().symlink("s", "nowhere").hardLink("t", "s"))).containsEntry("t", "link nowhere");
        assertThat(unpack(new Tar().file("d/a", "1").symlink("l", "d").hardLink("b", "l/a")))
                .containsEntry("b", "file rw-r--r-- 0: 1");
        assertThat(unpack(new Tar().file("a", "1").hardLink("a", "a"))).containsEntry("a", "file rw-r--r-- 0: 1");
    }

    @Test
    void hardLinksToNothingAndToDirectoriesAreRefused() {
        assertInvalid("the same file as none, which does not exist", new Tar().hardLink("b", "none"));
        assertInvalid(
                "the same file as d, which is a directory", new Tar().dir("d").hardLink("b", "d"));
        assertInvalid("which does not exist", new Tar().hardLink("passwd", "../../../etc/passwd"));
        assertInvalid("which does not exist", new Tar().hardLink("passwd", "/etc/passwd"));
        assertInvalid("which does not exist", new Tar().symlink("l", "/etc").hardLink("passwd", "l/passwd"));
    }

    @Test
    void linksOnTheWayAreFollowedWithinTheImage() {
        Tar lower =
                new Tar().dir("usr").dir("usr/lib").symlink("lib", "usr/lib").symlink("abs", "/usr/../usr/lib");
        assertThat(unpack(lower, new Tar().file("lib/a", "1").file("abs/b", "2")))
                .containsKeys("usr/lib/a", "usr/lib/b")
                .containsEntry("lib", "link usr/lib");
        assertThat(unpack(lower, new Tar().file("usr/lib/a", "1"), new Tar().whiteout("lib/.wh.a")))
                .containsOnlyKeys("", "usr", "usr/lib", "lib", "abs");
    }

    @Test
    void linksOutOfTheImageLeadToItsRoot() {
        assertThat(unpack(new Tar().symlink("up", "../../../../tmp").file("up/a", "1")))
                .containsOnlyKeys("", "tmp", "tmp/a", "up");
        assertThat(unpack(new Tar().symlink("etc", "/etc").symlink("d", "/").file("d/a", "1")))
                .containsOnlyKeys("", "a", "d", "etc");
        assertThat(unpack(new Tar().symlink("l", "none/../x").file("l/a", "1"))).containsOnlyKeys("", "l", "x", "x/a");
    }

    @Test
    void linksThatAreSwappedBetweenLayersDoNotLeadOut() {
        SortedMap<String, String> tree = unpack(
                new Tar().dir("a").symlink("a/b", "../../..").symlink("c", "a/b"),
                new Tar().file("c/pwned", "1"),
                new Tar().symlink("c", "/tmp").file("c/pwned", "2"),
                new Tar().symlink("tmp", "../../..").file("c/pwned", "3"));
        assertThat(tree)
                .containsEntry("pwned", "file rw-r--r-- 0: 3")
                .containsEntry("tmp", "link ../../..")
                .doesNotContainKey("tmp/pwned");
    }

    @Test
    void circlesOfLinksAndFilesOnTheWayAreRefused() {
        assertInvalid(
                "links lead without end",
                new Tar().symlink("a", "b").symlink("b", "a").file("a/x", ""));
        assertInvalid("a is a file, not a directory", new Tar().file("a", "").file("a/x", ""));
        assertInvalid("a is a file, not a directory", new Tar().file("a", "").file("a/x/y", ""));
        assertInvalid("a is a file", new Tar().file("a", "").symlink("b", "a").file("b/x", ""));
    }

    @Test
    void longChainsOfLinksAreFollowed() {
        Tar layer = new Tar().dir("end");
        String to = "end";
        for (int i = 0; i < 255; i++) {
            layer.symlink("l" + i, to);
            to = "l" + i;
        }
        assertThat(unpack(layer.file(to + "/f", "1"))).containsKey("end/f");
    }

    @Test
    void dotsInNamesDoNotLeadOut() {
        assertThat(unpack(new Tar()
                        .file("../../etc/passwd", "1")
                        .file("/abs/./x", "2")
                        .file("a/../../../b", "3")
                        .file(".//c//d", "4")))
                .containsOnlyKeys("", "etc", "etc/passwd", "abs", "abs/x", "b", "c", "c/d");
    }

    @Test
    void strangeNamesAreKeptOrRefused() {
        assertThat(unpack(new Tar()
                        .file("new\nline", "1")
                        .file("back\\slash", "2")
                        .file("..a", "3")))
                .containsOnlyKeys("", "new\nline", "back\\slash", "..a");
        assertInvalid("replace the root directory: \"\"", new Tar().file("", "1"));
        assertInvalid("replace the root", new Tar().symlink(".", "/etc"));
        assertInvalid("replace the root", new Tar().hardLink("a/..", "b"));
        assertInvalid("zero byte: a\\u{0}b", new Tar().pax('x', "path", "a\0b").file("a", "1"));
        assertInvalid("zero byte", new Tar().pax('x', "linkpath", "a\0b").symlink("a", "x"));
        assertInvalid("empty", new Tar().symlink("a", ""));
    }

    @Test
    void whiteoutsOfNothingThatCanExistAreRefused() {
        assertInvalid("a removal of nothing", new Tar().whiteout(".wh."));
        assertInvalid("a removal of nothing", new Tar().whiteout("d/.wh.."));
        assertInvalid("a removal of nothing", new Tar().whiteout("d/.wh..."));
        assertInvalid("names that begin with .wh.", new Tar().file(".wh.a/b", ""));
        assertInvalid(
                "names that begin with .wh.", new Tar().symlink("l", ".wh.a").file("l/b", ""));
    }

    @Test
    void whatNoGuestCanUseIsLeftOutAndListed() throws Exception {
        Tar layer = new Tar()
                .entry("dev/null", '3', 0666, "", new byte[0])
                .entry("dev/sda", '4', 0666, "", new byte[0])
                .entry("pipe", '6', 0666, "", new byte[0])
                .entry("odd", 'Z', 0666, "", utf8("content"))
                .file(".wh..wh.plnk/1.2", "")
                .file("a", "1");
        try (ImageTree tree = ImageTree.read(List.of(layer.layer("the layer")), scratch, UnpackLimits.DEFAULTS)) {
            assertThat(tree.skipped())
                    .extracting(SkippedEntry::toString)
                    .containsExactly(
                            "dev/null of the layer is a device, and left out",
                            "dev/sda of the layer is a device, and left out",
                            "pipe of the layer is a named pipe, and left out",
                            "odd of the layer is of the unknown type 90, and left out",
                            ".wh..wh.plnk/1.2 of the layer is bookkeeping of the aufs file system, and left out");
            assertThat(tree.find("a")).isPresent();
        }
    }

    @Test
    void aDeviceRemovesNothing() {
        // A character device 0/0 is a whiteout of the overlay file system, but not in a layer.
        assertThat(unpack(new Tar().file("a", "1"), new Tar().entry("a", '3', 0, "", new byte[0])))
                .containsKey("a");
    }

    @Test
    void readsLongNamesOfEveryKind() {
        String name = "directory/".repeat(30) + "file-ő";
        assertThat(unpack(new Tar().pax('x', "path", name).file("short", "1"))).containsKey(name);
        assertThat(unpack(new Tar().gnuLong('L', name).file("short", "1"))).containsKey(name);
        assertThat(unpack(new Tar().pax('x', "linkpath", name).symlink("s", "short")))
                .containsEntry("s", "link " + name);
        assertThat(unpack(new Tar().gnuLong('K', name).symlink("s", "short"))).containsEntry("s", "link " + name);
        byte[] prefixed = Tar.header("name", '0', 0644, "", 0);
        System.arraycopy(utf8("pre/fix"), 0, prefixed, 345, 7);
        assertThat(unpack(new Tar().sealed(prefixed))).containsKey("pre/fix/name");
    }

    @Test
    void readsNumbersInBinary() {
        byte[] header = Tar.header("a", '0', 0644, "", 0);
        Arrays.fill(header, 124, 136, (byte) 0);
        header[124] = (byte) 0x80;
        header[135] = 3;
        assertThat(unpack(new Tar().sealed(header).raw(utf8("abc")).pad())).containsEntry("a", "file rw-r--r-- 0: abc");
    }

    @Test
    void readsArchivesFromBeforeThereWereTypes() {
        byte[] directory = Tar.header("d/", '\0', 0755, "", 0);
        byte[] file = Tar.header("d/f", '\0', 0644, "", 0);
        Arrays.fill(directory, 257, 265, (byte) 0);
        Arrays.fill(file, 257, 265, (byte) 0);
        assertThat(unpack(new Tar().sealed(directory).sealed(file))).containsOnlyKeys("", "d", "d/f");
    }

    @Test
    void fillsTheHolesOfSparseFiles() {
        // Version 1.0: the map is before the data.
        byte[] map = Arrays.copyOf(utf8("2\n4\n2\n8\n0\n"), 512);
        Tar layer = new Tar()
                .pax(
                        'x',
                        "GNU.sparse.major",
                        "1",
                        "GNU.sparse.minor",
                        "0",
                        "GNU.sparse.name",
                        "sparse",
                        "GNU.sparse.realsize",
                        "8")
                .entry("GNUSparseFile.0/sparse", '0', 0644, "", LayerStreamTest.join(map, utf8("ab")));
        assertThat(unpack(layer)).containsEntry("sparse", "file rw-r--r-- 0: \0\0\0\0ab\0\0");
        // Version 0.1: the map is in the headers.
        assertThat(unpack(new Tar()
                        .pax(
                                'x',
                                "GNU.sparse.size",
                                "8",
                                "GNU.sparse.numblocks",
                                "2",
                                "GNU.sparse.map",
                                "4,2,8,0",
                                "GNU.sparse.name",
                                "sparse")
                        .file("GNUSparseFile.0/sparse", "ab")))
                .containsEntry("sparse", "file rw-r--r-- 0: \0\0\0\0ab\0\0");
    }

    @Test
    void fillsTheHolesOfOlderSparseFiles() {
        Tar repeated = new Tar()
                .pax(
                        'x',
                        "GNU.sparse.size",
                        "8",
                        "GNU.sparse.numblocks",
                        "2",
                        "GNU.sparse.offset",
                        "4",
                        "GNU.sparse.numbytes",
                        "2",
                        "GNU.sparse.offset",
                        "8",
                        "GNU.sparse.numbytes",
                        "0")
                .file("sparse", "ab");
        assertThat(unpack(repeated)).containsEntry("sparse", "file rw-r--r-- 0: \0\0\0\0ab\0\0");
        byte[] header = Tar.header("sparse", 'S', 0644, "", 2);
        System.arraycopy(utf8("ustar  \0"), 0, header, 257, 8);
        int[] map = {4, 2, 8, 0};
        for (int i = 0; i < map.length; i++) {
            Tar.octal(header, 386 + 12 * i, 12, map[i]);
        }
        Tar.octal(header, 483, 12, 8);
        assertThat(unpack(new Tar().sealed(header).raw(utf8("ab")).pad()))
                .containsEntry("sparse", "file rw-r--r-- 0: \0\0\0\0ab\0\0");
    }

    @Test
    void bytesThatAreNotUtf8AreReplaced() {
        byte[] header = Tar.header("caf_", '0', 0644, "", 0);
        header[3] = (byte) 0xe9;
        assertThat(unpack(new Tar().sealed(header))).containsKey("caf?");
    }

    @Test
    void whatIsNoTarArchiveIsRefused() {
        assertInvalid("is not the tar archive", new Tar().raw(utf8("no archive, but text. ".repeat(100))));
        byte[] header = Tar.header("a", '0', 0644, "", 0);
        header[0] = 'b';
        Tar.octal(header, 148, 7, 1);
        assertInvalid("a header whose checksum is wrong: \"b\"", new Tar().raw(header));
        assertInvalid("is not the tar archive", new Tar().sealed(Tar.header("a", '0', 0644, "", 100_000)));
        byte[] negative = Tar.header("a", '0', 0644, "", 0);
        Arrays.fill(negative, 124, 136, (byte) 0xff);
        assertInvalid("is not the tar archive", new Tar().sealed(negative));
    }

    @Test
    void everyLimitHolds() {
        UnpackLimits small = new UnpackLimits(20_000, 10, 2_000, 300, 50, 5);
        assertTooLarge("limit of 20000 bytes", small, new Tar().file("a", "x".repeat(20_001)));
        assertTooLarge(
                "limit of 20000 bytes",
                small,
                new Tar()
                        .pax(
                                'x',
                                "GNU.sparse.size",
                                "2000000000",
                                "GNU.sparse.numblocks",
                                "2",
                                "GNU.sparse.map",
                                "4,2,2000000000,0",
                                "GNU.sparse.name",
                                "s")
                        .file("s", "ab"));
        Tar many = new Tar();
        for (int i = 0; i < 11; i++) {
            many.dir("d" + i);
        }
        assertTooLarge("limit of 10 files and directories", small, many);
        assertTooLarge(
                "limit of 10 files and directories",
                small,
                new Tar().file("a/b/c/d", "").file("b/b/c/d", "").file("c/b/c/d", ""));
        assertTooLarge(
                "limit of 300 bytes",
                small,
                new Tar().pax('x', "path", "p/".repeat(151)).file("a", ""));
        assertTooLarge(
                "limit of 255 bytes",
                small,
                new Tar().pax('x', "path", "é".repeat(128)).file("a", ""));
        assertTooLarge("limit of 50 bytes", small, new Tar().symlink("a", "t".repeat(51)));
        assertTooLarge("limit of 5: 1/2/3/4/5/6", small, new Tar().dir("1/2/3/4/5/6"));
        Tar deep = new Tar().dir("1/2/3/4/5").symlink("l", "1/2/3/4/5").dir("l/6");
        assertTooLarge("limit of 5: 1/2/3/4/5/6", small, deep);
        Tar names = new Tar();
        for (int i = 0; i < 8; i++) {
            names.pax('x', "path", "n".repeat(250) + i).file("a", "");
        }
        assertTooLarge("limit of 2000 bytes", new UnpackLimits(200_000, 10, 2_000, 300, 50, 5), names);
    }

    @Test
    void pathsThatGetLongThroughLinksAreRefused() {
        String name = "n".repeat(200);
        Tar layer = new Tar();
        for (int i = 0; i < 30; i++) {
            layer.dir("l/" + name)
                    .pax('x', "linkpath", i == 0 ? name : "l" + i + "/" + name)
                    .symlink("l" + (i + 1), "x");
            layer.dir("l" + (i + 1) + "/" + name);
        }
        assertTooLarge("limit of 4096 bytes", UnpackLimits.DEFAULTS, layer);
    }

    @Tag("slow")
    @Test
    void headersThatFillTheMemoryAreRefused() {
        String megabyte = "x".repeat(1 << 20);
        assertTooLarge(
                "bytes of headers",
                UnpackLimits.DEFAULTS,
                new Tar().gnuLong('L', megabyte).file("a", ""));
        assertTooLarge(
                "bytes of headers",
                UnpackLimits.DEFAULTS,
                new Tar().pax('x', "c", megabyte).file("a", ""));
        Tar chain = new Tar();
        for (int i = 0; i < 10_000; i++) {
            chain.gnuLong('L', "a");
        }
        assertTooLarge("bytes of headers", UnpackLimits.DEFAULTS, chain.file("a", ""));
        Tar global = new Tar();
        for (int i = 0; i < 10; i++) {
            global.pax('g', "key" + i, "x".repeat(100_000)).file("a" + i, "");
        }
        assertTooLarge("extended headers", UnpackLimits.DEFAULTS, global);
        Tar keys = new Tar();
        for (int i = 0; i < 1001; i++) {
            keys.pax('g', "key" + i, "v").file("a" + i, "");
        }
        assertTooLarge("1000 extended headers", UnpackLimits.DEFAULTS, keys);
    }

    @Test
    void filesOfThousandsOfPartsAreRefused() {
        StringBuilder map = new StringBuilder();
        for (int i = 0; i < 2_001; i++) {
            map.append(i == 0 ? "" : ",").append(2 * i + 1).append(",1");
        }
        Tar layer = new Tar()
                .pax('x', "GNU.sparse.size", "5000", "GNU.sparse.numblocks", "2001", "GNU.sparse.map", map.toString())
                .file("s", "x".repeat(2_001));
        assertTooLarge("2000 parts", UnpackLimits.DEFAULTS, layer);
    }

    @Tag("slow")
    @Test
    void linksThatMakeWorkAreRefused() {
        // Each of 255 links leads through a thousand directories.
        Tar layer = new Tar().dir("d");
        for (int i = 0; i < 255; i++) {
            layer.pax('x', "linkpath", "d/../".repeat(700) + (i == 0 ? "d" : "l" + (i - 1)))
                    .symlink("l" + i, "x");
        }
        for (int i = 0; i < 60; i++) {
            layer.file("l254/f" + i, "");
        }
        assertTooLarge("through more than the limit", UnpackLimits.DEFAULTS, layer);
    }

    @Test
    void messagesShowNothingThatATerminalObeys() {
        assertInvalid(
                "a\\u{1b}[2J\\u{a}\\u{202e}b is a file",
                new Tar().file("a\u001b[2J\n\u202eb", "").file("a\u001b[2J\n\u202eb/c", ""));
    }

    private SortedMap<String, String> unpack(Tar... layers) {
        return Trees.unpack(scratch, layers);
    }

    private void assertInvalid(String reason, Tar layer) {
        assertRefused(Problem.INVALID, reason, UnpackLimits.DEFAULTS, layer);
    }

    private void assertTooLarge(String reason, UnpackLimits limits, Tar layer) {
        assertRefused(Problem.TOO_LARGE, reason, limits, layer);
    }

    private void assertRefused(Problem problem, String reason, UnpackLimits limits, Tar layer) {
        assertThatExceptionOfType(OciException.class)
                .isThrownBy(() -> ImageTree.read(List.of(layer.layer("the layer")), scratch, limits))
                .withMessageContaining(reason)
                .withMessageContaining(problem == Problem.INVALID ? "the layer" : "")
                .satisfies(e -> assertThat(e.problem()).isEqualTo(problem));
        assertThat(scratch).satisfies(directory -> {
            try (var left = Files.list(directory)) {
                assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith(".unpack-"));
            }
        });
    }
}
