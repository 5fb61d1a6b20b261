package dev.skiff.wasm.internal.binary;

import static dev.skiff.wasm.internal.binary.ModuleBytes.bytes;
import static dev.skiff.wasm.internal.binary.ModuleBytes.name;
import static dev.skiff.wasm.internal.binary.ModuleBytes.oneFunction;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skiff.wasm.ModuleException;
import dev.skiff.wasm.internal.binary.SpecSuite.Binary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damaged modules: whatever the bytes are, they decode or one of the three exceptions says why not. */
class DecoderFuzzTest {
    private static final long SEED = 20_260_117;
    private static final int VARIANTS_OF_ONE = 12;
    private static final long LONGEST_NANOS = 5_000_000_000L;

    @Test
    void damagedSuiteModulesAreDecodedOrRefused() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (Binary binary : SpecSuite.binaries()) {
            if (binary.bytes().length <= 4_096) {
                seeds.add(binary.bytes());
            }
        }
        fuzz(seeds, VARIANTS_OF_ONE);
    }

    @Test
    void damagedModulesMadeByHandAreDecodedOrRefused() {
        fuzz(
                List.of(
                        oneFunction(0x20, 0, 0x04, 0x40, 0x0C, 0, 0x05, 0x0F, 0x0B, 0x41, 1)
                                .toBytes(),
                        oneFunction(0x02, 0x69, 0x1F, 0x40, 1, 3, 0, 0x0B, 0xD0, 0x69, 0x0B, 0x0A)
                                .toBytes(),
                        oneFunction(0x20, 0, 0x0E, 2, 0, 0, 0).toBytes(),
                        new ModuleBytes()
                                .section(1, bytes(1, 0x60, 0, 0))
                                .section(2, bytes(1), name("env"), name("f"), bytes(0, 0))
                                .section(4, bytes(2, 0x70, 0, 5, 0x40, 0, 0x6F, 0, 2, 0xD0, 0x6F, 0x0B))
                                .section(5, bytes(1, 1, 1, 2))
                                .section(13, bytes(1, 0, 0))
                                .section(6, bytes(1, 0x7F, 0, 0x41, 1, 0x41, 2, 0x6C, 0x0B))
                                .section(7, bytes(1), name("g"), bytes(3, 0))
                                .section(8, bytes(0))
                                .section(9, bytes(2, 0, 0x23, 0, 0x0B, 1, 0, 5, 0x70, 1, 0xD2, 0, 0x0B))
                                .section(12, bytes(1))
                                .section(11, bytes(1, 0, 0x23, 0, 0x0B, 1, 'x'))
                                .toBytes()),
                20_000);
    }

    private static void fuzz(List<byte[]> seeds, int variants) {
        Random random = new Random(SEED);
        int decoded = 0;
        int refused = 0;
        long slowest = 0;
        for (byte[] seed : seeds) {
            for (int i = 0; i < variants; i++) {
                byte[] damaged = damage(seed, random);
                long start = System.nanoTime();
                if (decodes(damaged)) {
                    decoded++;
                } else {
                    refused++;
                }
                slowest = Math.max(slowest, System.nanoTime() - start);
            }
        }
        System.out.println(
                "decoder fuzz: " + decoded + " decoded, " + refused + " refused, slowest " + slowest / 1_000 + " us");
        assertThat(refused).isPositive();
        assertThat(decoded).isPositive();
        assertThat(slowest).isLessThan(LONGEST_NANOS);
    }

    private static boolean decodes(byte[] module) {
        try {
            ModuleData data = ModuleDecoder.decode(module);
            data.names().functions().forEach((index, text) -> assertThat(text).isNotNull());
            data.code().forEach(code -> assertThat(code.body().length()).isPositive());
            return true;
        } catch (ModuleException e) {
            assertThat(e.getMessage()).isNotBlank();
            assertThat(e.offset()).isBetween(0L, (long) module.length);
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("decoding failed of " + HexFormat.of().formatHex(module), e);
        }
    }

    private static byte[] damage(byte[] seed, Random random) {
        byte[] damaged = seed.clone();
        int times = 1 + random.nextInt(4);
        for (int i = 0; i < times && damaged.length > 8; i++) {
            // The header stays, else nothing behind it would be read.
            int at = 8 + random.nextInt(damaged.length - 8);
            switch (random.nextInt(6)) {
                case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> damaged[at] = (byte) random.nextInt(256);
                case 2 -> damaged[at] = (byte) (random.nextBoolean() ? 0xFF : 0x7F);
                case 3 -> damaged = Arrays.copyOf(damaged, at);
                case 4 -> {
                    byte[] shorter = Arrays.copyOf(damaged, damaged.length - 1);
                    System.arraycopy(damaged, at + 1, shorter, at, damaged.length - at - 1);
                    damaged = shorter;
                }
                default -> {
                    byte[] longer = Arrays.copyOf(damaged, damaged.length + 1);
                    System.arraycopy(damaged, at, longer, at + 1, damaged.length - at);
                    damaged = longer;
                }
            }
        }
        return damaged;
    }
}
