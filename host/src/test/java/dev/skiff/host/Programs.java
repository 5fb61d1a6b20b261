package dev.skiff.host;

import java.util.HexFormat;

/** Small modules for tests, in hexadecimal. */
final class Programs {
    private static final String HEADER = "0061736d01000000";
    /** A command that does nothing. */
    static final String EMPTY = HEADER + "010401600000" + "03020100" + "070a01065f73746172740000" + "0a040102000b";
    /** A command that never ends. */
    static final String LOOP =
            HEADER + "010401600000" + "03020100" + "070a01065f73746172740000" + "0a0901070003400c000b0b";
    /** A command with a page of memory that ends when it got another. */
    static final String GROW = HEADER + "010401600000" + "03020100" + "0503010001" + "070a01065f73746172740000"
            + "0a10010e 00 0340 4101 4000 417f 46 0d00 0b 0b";
    /** A command that opens the directory 3 again and again, until that fails, and exits with the error's code. */
    static final String OPEN = HEADER
            + "0115 03 600000 60097f7f7f7f7f7e7e7f7f017f 60017f00"
            + "0247 02 16776173695f736e617073686f745f7072657669657731 09706174685f6f70656e 0001"
            + "16776173695f736e617073686f745f7072657669657731 0970726f635f65786974 0002"
            + "03020100"
            + "0503010001"
            + "0713 02 065f7374617274 0002 066d656d6f7279 0200"
            + "0a260124 01017f 0340 4103 4100 4108 4101 4100 4200 4200 4100 4110 1000 2200 45 0d00 0b 2000 1001 0b"
            + "0b07 01 0041080b 012e";
    /** Exports {@code add}, which takes two i32. */
    static final String ADD =
            HEADER + "0107 0160 027f7f 017f" + "03020100" + "0707 01 03616464 0000" + "0a09 01 0700 2000 2001 6a 0b";

    private Programs() {}

    /** A workload that runs one. */
    static Workload.Builder workload(String hex) {
        return Workload.of(new ModuleSource.OfBytes("test.wasm", HexFormat.of().parseHex(hex.replace(" ", ""))));
    }
}
