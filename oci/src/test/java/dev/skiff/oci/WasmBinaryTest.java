package dev.skiff.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WasmBinaryTest {
    /** Imports a function, a table of typed references, a memory, a global of a typed reference and a tag; exports a function. */
    private static byte[] module() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        byte[] imports = {
            5, 1, 'e', 1, 'f', 0, 0, 1, 'e', 1, 't', 1, 0x63, 0, 0, 1, 1, 'm', 1, 'm', 2, 1, 1, 2, 1, 'g', 1, 'g', 3,
            0x64, 0, 0, 1, 'h', 1, 'x', 4, 0, 0
        };
        out.write(2);
        out.write(imports.length);
        out.writeBytes(imports);
        out.writeBytes(new byte[] {7, 5, 1, 1, 'r', 0, 0});
        return out.toByteArray();
    }

    @Test
    void importsOfTypedReferencesAreRead() {
        WasmBinary binary = WasmBinary.read(module(), "it");

        assertThat(binary.imports()).containsExactly("e", "g", "h", "m");
        assertThat(binary.exports()).containsExactly("r");
    }

    @Test
    void metadataIsRead() {
        assertThat(WasmBinary.read(Modules.withMetadata("version", "1.2"), "it").metadata())
                .containsEntry("version", "1.2");
    }

    @Test
    void cutModulesAreRefusedOrReadWithoutTheirEnd() {
        byte[] module = module();
        for (int length = 0; length < module.length; length++) {
            read(Arrays.copyOf(module, length));
        }
    }

    @Property(tries = 3000)
    void nothingButOciExceptionsComesOut(
            @ForAll @IntRange(min = 8, max = 50) int at, @ForAll byte value, @ForAll byte[] rest) {
        byte[] module = Arrays.copyOf(module(), module().length + rest.length);
        System.arraycopy(rest, 0, module, module().length, rest.length);
        module[Math.min(at, module.length - 1)] = value;
        read(module);
        module[4] = 0x0d;
        module[6] = 1;
        read(module);
    }

    private static void read(byte[] bytes) {
        try {
            WasmBinary.read(bytes, "it");
        } catch (OciException e) {
            assertThat(e.getMessage()).startsWith("it is");
        }
    }
}
