package dev.skiff.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.ValueLayout;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemoryTest {
    private static final int PAGE = MemoryType.PAGE_SIZE;

    @ParameterizedTest
    @EnumSource
    void numbersAreLittleEndianAndNeedNoAlignment(MemoryKind kind) {
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Memory memory = Memory.create(store, new MemoryType(ModuleBuilder.from(1)));
            memory.putLong(13, 0x0807_0605_0403_0201L);
            assertThat(memory.read(13, 8)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
            assertThat(memory.getLong(13)).isEqualTo(0x0807_0605_0403_0201L);
            assertThat(memory.getInt(15)).isEqualTo(0x0605_0403);
            assertThat(memory.getShort(15)).isEqualTo(0x0403);
            memory.putShort(17, -1);
            memory.putByte(20, 0x1FF);
            memory.putInt(1, -2);
            assertThat(memory.getShort(17)).isEqualTo(0xFFFF);
            assertThat(memory.getByte(20)).isEqualTo(0xFF);
            assertThat(memory.getInt(1)).isEqualTo(-2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theLastBytesAreWithinAndTheNextAreNot(MemoryKind kind) {
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Memory memory = Memory.create(store, new MemoryType(ModuleBuilder.range(1, 5)));
            memory.putLong(PAGE - 8L, 1);
            memory.write(PAGE - 3L, new byte[] {1, 2, 3});
            assertThat(memory.read(PAGE, 0)).isEmpty();
            assertThat(memory.contains(PAGE, 0)).isTrue();
            assertThat(memory.contains(PAGE + 1L, 0)).isFalse();
            assertThat(memory.contains(-1, 1)).isFalse();
            assertThat(memory.contains(1, Long.MAX_VALUE)).isFalse();
            for (ThrowingCallable access : List.<ThrowingCallable>of(
                    () -> memory.getByte(PAGE),
                    () -> memory.getShort(PAGE - 1L),
                    () -> memory.getInt(PAGE - 3L),
                    () -> memory.getLong(PAGE - 7L),
                    () -> memory.getLong(-1),
                    () -> memory.getLong(Long.MIN_VALUE),
                    () -> memory.getLong(Long.MAX_VALUE),
                    () -> memory.getByte(1L << 32),
                    () -> memory.putByte(PAGE, 1),
                    () -> memory.putShort(PAGE - 1L, 1),
                    () -> memory.putInt(-1, 1),
                    () -> memory.putLong(PAGE - 7L, 1),
                    () -> memory.segment(PAGE - 1L, 2),
                    () -> memory.segment(0, -1),
                    () -> memory.segment(1, Long.MAX_VALUE),
                    () -> memory.write(PAGE - 1L, new byte[2]))) {
                assertThatExceptionOfType(Trap.class)
                        .isThrownBy(access)
                        .extracting(Trap::code)
                        .isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
            }
            assertThat(memory.getByte(PAGE - 1L)).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSegmentIsAViewOfTheMemory(MemoryKind kind) {
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Memory memory = Memory.create(store, new MemoryType(ModuleBuilder.range(1, 5)));
            var segment = memory.segment(100, 50);
            segment.set(ValueLayout.JAVA_BYTE, 7, (byte) 42);
            assertThat(memory.getByte(107)).isEqualTo(42);
            memory.putByte(108, 43);
            assertThat(segment.get(ValueLayout.JAVA_BYTE, 8)).isEqualTo((byte) 43);
            assertThat(segment.byteSize()).isEqualTo(50);
            assertThat(segment.isNative()).isEqualTo(memory.isNative());
            assertThat(memory.isNative()).isEqualTo(Guest.engine(kind).memoryKind() == MemoryKind.OFF_HEAP);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theTypeOfAMemoryHasItsSizeOfNow(MemoryKind kind) {
        try (Store store = new Store(Guest.engine(kind), Limits.DEFAULT)) {
            Memory memory = Memory.create(store, new MemoryType(ModuleBuilder.range(1, 5)));
            assertThat(memory.type()).isEqualTo(new MemoryType(ModuleBuilder.range(1, 5)));
            memory.grow(2);
            assertThat(memory.type()).isEqualTo(new MemoryType(ModuleBuilder.range(3, 5)));
        }
    }
}
