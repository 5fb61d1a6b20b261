package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectTest {
    @TempDir
    private Path directory;

    private Skiff skiff;

    @BeforeEach
    void prepare() {
        skiff = new Skiff(directory);
    }

    @Test
    void aModuleIsShownWithAlignedColumns() {
        Skiff.Result result = skiff.run("inspect", skiff.file("cat.wasm", TestModule.cat()));

        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        assertThat(result.out().replaceFirst("sha256:[0-9a-f]{64}", "sha256:..."))
                .isEqualTo("""
                cat.wasm
                  size       200 B (200 bytes)
                  functions  1
                  digest     sha256:...
                  kind       command: runs from _start to its end

                imports (2)
                  wasi_snapshot_preview1.fd_read   func  (i32, i32, i32, i32) -> (i32)
                  wasi_snapshot_preview1.fd_write  func  (i32, i32, i32, i32) -> (i32)

                exports (2)
                  memory  memory  1.. pages
                  _start  func    () -> ()

                sections (6)
                  name      offset  bytes  entries
                  type         0xa     20        3
                  import      0x20     68        2
                  function    0x66      2        1
                  memory      0x6a      3        1
                  export      0x6f     19        2
                  code        0x84     68        1
                """);
    }

    @Test
    void aModuleIsWrittenAsJson() {
        byte[] module =
                new TestModule().function("id", "01 7e 01 7e", "20 00 c4").bytes();

        Skiff.Result result = skiff.run("inspect", "--format=json", skiff.file("id.wasm", module));

        assertThat(result.status()).isZero();
        assertThat(result.out().replace(directory.toString(), "").replaceFirst("sha256:[0-9a-f]{64}", "sha256:..."))
                .isEqualTo("""
                {
                  "file": "id.wasm",
                  "size": 37,
                  "functions": 1,
                  "digest": "sha256:...",
                  "kind": "library",
                  "imports": [],
                  "exports": [
                    {
                      "name": "id",
                      "kind": "func",
                      "type": "(i64) -> (i64)"
                    }
                  ],
                  "features": [
                    "sign-extension"
                  ],
                  "sections": [
                    {
                      "id": 1,
                      "name": "type",
                      "offset": 10,
                      "bytes": 6,
                      "entries": 1
                    },
                    {
                      "id": 3,
                      "name": "function",
                      "offset": 18,
                      "bytes": 2,
                      "entries": 1
                    },
                    {
                      "id": 7,
                      "name": "export",
                      "offset": 22,
                      "bytes": 6,
                      "entries": 1
                    },
                    {
                      "id": 10,
                      "name": "code",
                      "offset": 30,
                      "bytes": 7,
                      "entries": 1
                    }
                  ]
                }
                """);
    }
}
