package dev.skiff.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MappingsTest {
    private static final int PAGE = 65536;
    private static final int READ_WRITE = Mappings.PROT_READ | Mappings.PROT_WRITE;

    @Test
    void aPrivateMappingOfAMemoryFileIsCopiedOnWriteAndResetByDontneed() {
        int fd = Mappings.memoryFile("skiff-test", Mappings.MFD_CLOEXEC);
        Descriptors.truncate(fd, PAGE);
        long shared = Mappings.map(0, PAGE, READ_WRITE, Mappings.MAP_SHARED, fd, 0);
        Kernel.MEMORY.putInt(shared, 42);
        long copy = Mappings.map(0, PAGE, READ_WRITE, Mappings.MAP_PRIVATE, fd, 0);
        Descriptors.close(fd);

        assertThat(Kernel.MEMORY.getInt(copy)).isEqualTo(42);
        Kernel.MEMORY.putInt(copy, 7);
        assertThat(Kernel.MEMORY.getInt(shared)).isEqualTo(42);
        Mappings.advise(copy, PAGE, Mappings.MADV_DONTNEED);
        assertThat(Kernel.MEMORY.getInt(copy)).isEqualTo(42);

        Mappings.unmap(copy, PAGE);
        Mappings.unmap(shared, PAGE);
    }

    @Test
    void aReservationBecomesUsableByProtect() {
        long at = Mappings.map(
                0,
                16L * PAGE,
                Mappings.PROT_NONE,
                Mappings.MAP_PRIVATE | Mappings.MAP_ANONYMOUS | Mappings.MAP_NORESERVE,
                Mappings.NO_FD,
                0);
        Mappings.protect(at, PAGE, READ_WRITE);
        Kernel.MEMORY.putLong(at + 8, -1L);
        assertThat(Kernel.MEMORY.getLong(at + 8)).isEqualTo(-1L);
        Mappings.unmap(at, 16L * PAGE);
    }

    @Test
    void positionedReadsAndWritesReachTheMemoryFile() {
        int fd = Mappings.memoryFile("skiff-test", Mappings.MFD_CLOEXEC);
        long buffer = Kernel.MEMORY.allocateMemory(8);
        Kernel.MEMORY.putLong(buffer, 0x1122334455667788L);
        assertThat(Descriptors.pwrite(fd, buffer, 8, 100)).isEqualTo(8);
        Kernel.MEMORY.putLong(buffer, 0);
        assertThat(Descriptors.pread(fd, buffer, 8, 100)).isEqualTo(8);
        assertThat(Kernel.MEMORY.getLong(buffer)).isEqualTo(0x1122334455667788L);
        assertThat(Descriptors.pread(fd, buffer, 8, 200)).isZero();
        Kernel.MEMORY.freeMemory(buffer);
        Descriptors.close(fd);
    }

    @Test
    void aFailureNamesTheCallAndTheReason() {
        assertThatThrownBy(() -> Descriptors.close(-1))
                .isInstanceOf(LinuxException.class)
                .hasMessage("close: not an open file descriptor (EBADF)")
                .extracting(e -> ((LinuxException) e).errno())
                .isEqualTo(Errno.EBADF);
        assertThatThrownBy(() -> Mappings.map(0, 0, Mappings.PROT_READ, Mappings.MAP_PRIVATE, 0, 0))
                .hasMessage("mmap: invalid argument (EINVAL)");
    }
}
