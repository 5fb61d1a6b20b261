package dev.skiff.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's capabilities count for files, no matter what this process may, and the thread has its own again afterwards. */
class FileUserCapabilitiesTest {
    private static final byte[] SECRET = path("secret");

    @TempDir
    private Path folder;

    private int directory;
    private ThreadRights before;

    @BeforeEach
    void makeSecret() throws IOException {
        Assumptions.assumeTrue(
                Files.getAttribute(folder, "unix:uid").equals(0), "only root can have more and less than others");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path secret = Files.writeString(folder.resolve("secret"), "content");
        Files.setAttribute(secret, "unix:uid", 5);
        Files.setAttribute(secret, "unix:gid", 6);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-rw----"));
        directory =
                Paths.OWN.open(folder.toString(), OpenFlags.DIRECTORY | OpenFlags.PATH | OpenFlags.CLOSE_ON_EXEC, 0);
        before = ThreadRights.now();
    }

    @AfterEach
    void theThreadHasItsOwnRightsAgain() throws IOException {
        if (before != null) {
            Descriptors.close(directory);
            assertThat(ThreadRights.now()).isEqualTo(before);
        }
    }

    private static byte[] path(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static FileUser user(long id, Capability... capabilities) {
        return new FileUser(id, id, List.of(), 0, Set.of(capabilities));
    }

    private static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(call)
                .extracting(LinuxException::errno)
                .isEqualTo(errno);
    }

    private void open(Paths paths) {
        Descriptors.close(paths.open(directory, SECRET, OpenFlags.READ_WRITE | OpenFlags.CLOSE_ON_EXEC, 0));
    }

    @Test
    void rootWithoutCapabilitiesReachesNoFilesOfOthers() throws IOException {
        Paths root = Paths.as(user(0));

        assertErrno(Errno.EACCES, () -> open(root));
        assertErrno(Errno.EPERM, () -> root.setTimes(directory, SECRET, 1, 2, 0));
        assertThat(ThreadRights.now()).isEqualTo(before);
        root.makeDirectory(directory, path("own"), 0700);
        root.status(directory, path("own/."), 0);
    }

    @Test
    void eachCapabilityLetsAUserDoWhatItIsFor() {
        for (long id : List.of(0L, 1_000L)) {
            Paths overriding = Paths.as(user(id, Capability.CAP_DAC_OVERRIDE));
            Paths owning = Paths.as(user(id, Capability.CAP_FOWNER));

            open(overriding);
            assertErrno(Errno.EPERM, () -> overriding.setTimes(directory, SECRET, 1, 2, 0));
            owning.setTimes(directory, SECRET, 1, 2, 0);
            assertErrno(Errno.EACCES, () -> open(owning));
        }
    }

    @Test
    void groupsCountForRootWithoutCapabilities() {
        open(Paths.as(new FileUser(0, 0, List.of(6L), 0, Set.of())));
        assertErrno(Errno.EACCES, () -> open(Paths.as(new FileUser(0, 0, List.of(7L), 0, Set.of()))));
    }

    /** The kernel leaves these to a user other than root. */
    @Test
    void capabilitiesThatAreNotToFilesAloneAreTakenToo() throws IOException {
        Process other = new ProcessBuilder("sleep", "1000").start();
        try {
            byte[] memory = path("/proc/" + other.pid() + "/maps");
            for (long id : List.of(0L, 1_000L)) {
                Paths paths = Paths.as(user(id, Capability.CAP_DAC_OVERRIDE));
                assertErrno(Errno.EACCES, () -> paths.open(directory, memory, OpenFlags.READ_ONLY, 0));
            }
            Descriptors.close(Paths.OWN.open(directory, memory, OpenFlags.READ_ONLY, 0));
        } finally {
            other.destroy();
        }
    }

    @Test
    void callsHaveExactlyWhatTheUserHas() {
        Set<Capability> some =
                Set.of(Capability.CAP_DAC_OVERRIDE, Capability.CAP_FSETID, Capability.CAP_CHECKPOINT_RESTORE);
        ThreadCapabilities own = ThreadCapabilities.ofThisThread();
        for (long id : List.of(0L, 1_000L)) {
            ActingUser acting =
                    ActingUser.of(new FileUser(id, id, List.of(), 0, some)).orElseThrow();
            ThreadCapabilities seen = own.limitedTo(Set.of());
            try (Scratch scratch = Scratch.borrow()) {
                long header = scratch.zeroed(8);
                Kernel.MEMORY.putInt(header, 0x2008_0522);
                assertThat(acting.raw(Sys.CAPGET, header, seen.sets().address(), 0, 0, 0, 0))
                        .isZero();
            }

            assertThat(seen.sets().mismatch(own.limitedTo(some).sets())).isEqualTo(-1);
            assertThat(ThreadCapabilities.ofThisThread().sets().mismatch(own.sets()))
                    .isEqualTo(-1);
        }
    }

    @Test
    void whoHasAllThatThisProcessHasCostsNothing() {
        assertThat(ActingUser.of(FileUser.ROOT)).isEmpty();
        assertThat(ActingUser.of(new FileUser(0, 0, List.of(3L), 022, Capability.ALL)))
                .isEmpty();
        assertThat(ActingUser.of(new FileUser(0, 1, List.of(), 0, Capability.ALL)))
                .isPresent();
    }

    /** It can happen when the stack is full in the wrong moment. */
    @Test
    void aThreadThatKeptAUsersRightsGetsItsOwnBack() {
        FileUser user = user(1_000);
        Paths paths = Paths.as(user);
        Kernel.raw(Sys.SETFSUID, 1_000, 0, 0, 0, 0, 0);
        assertThat(ThreadCapabilities.ofThisThread().limitedTo(Set.of()).set()).isTrue();

        assertErrno(Errno.EACCES, () -> open(paths));
        open(Paths.OWN);
    }

    @Test
    void threadsHaveTheirOwnUsers() throws Exception {
        List<FileUser> users = List.of(
                user(0),
                user(0, Capability.CAP_DAC_OVERRIDE),
                user(1_000),
                user(1_000, Capability.CAP_DAC_OVERRIDE),
                user(5));
        try (ExecutorService executor = Executors.newFixedThreadPool(2 * users.size())) {
            List<Future<?>> threads = new ArrayList<>();
            for (int i = 0; i < 2 * users.size(); i++) {
                FileUser user = users.get(i % users.size());
                threads.add(executor.submit(() -> {
                    Paths paths = Paths.as(user);
                    for (int j = 0; j < 1_000; j++) {
                        if (user.uid() == 5 || !user.capabilities().isEmpty()) {
                            open(paths);
                        } else {
                            assertErrno(Errno.EACCES, () -> open(paths));
                        }
                    }
                    return assertThat(ThreadRights.now()).isEqualTo(before);
                }));
            }
            for (Future<?> thread : threads) {
                thread.get();
            }
        }
    }

    @Test
    void onlyAUserWithTheCapabilityKeepsBitsThatLendTheOwnersRights() {
        assertThat(Paths.OWN.keepsSetIds()).isTrue();
        assertThat(Paths.as(user(0, Capability.CAP_FSETID)).keepsSetIds()).isTrue();
        assertThat(Paths.as(user(0)).keepsSetIds()).isFalse();
    }

    @Test
    void namesAreThoseOfTheManual() {
        assertThat(Capability.named("CAP_DAC_OVERRIDE")).contains(Capability.CAP_DAC_OVERRIDE);
        assertThat(Capability.named("DAC_OVERRIDE")).isEmpty();
        assertThat(Capability.named("cap_dac_override")).isEmpty();
        assertThat(Capability.bits(Set.of(Capability.CAP_CHOWN, Capability.CAP_CHECKPOINT_RESTORE)))
                .isEqualTo(1 | 1L << 40);
    }
}
