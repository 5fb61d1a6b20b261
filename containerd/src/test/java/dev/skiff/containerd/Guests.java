package dev.skiff.containerd;

import dev.skiff.oci.LayerFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.stream.Stream;

/** Programs that tests run. */
final class Guests {
    static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();
    /** Copies its input to its output. */
    static final byte[] CAT = HexFormat.of()
            .parseHex(
                    "0061736d0100000001140360047f7f7f7f017f60047f7f7f7f017f60000002440216776173695f736e617073686f745f70"
                            + "726576696577310766645f72656164000016776173695f736e617073686f745f70726576696577310866645f77726974650001"
                            + "030201020503010001071302066d656d6f72790200065f737461727400020a4401420002400340410041103602004104418008"
                            + "360200410041004101410810000d014108280200450d0141044108280200360200410141004101410810011a0c000b0b0b");
    /** Writes without end. */
    static final byte[] FLOOD = HexFormat.of()
            .parseHex(
                    "0061736d01000000010c0260047f7f7f7f017f60000002230116776173695f736e617073686f745f70726576696577310866645f7772697465000003020101"
                            + "0503010001071302066d656d6f72790200065f737461727400010a230121000340410041103602004104418008360200410141004101410810001a0c000b0b");
    /** Has a memory of 16 pages, 1 MiB, from the start. */
    static final byte[] LARGE = HexFormat.of()
            .parseHex("0061736d01000000010401600000030201000503010010070a01065f737461727400000a040102000b");
    /** Makes the file data/made, and ends with the number of the error. */
    static final byte[] MAKE = HexFormat.of()
            .parseHex(
                    "0061736d0100000001150360097f7f7f7f7f7e7e7f7f017f60017f0060000002470216776173695f736e617073686f745f70"
                            + "7265766965773109706174685f6f70656e000016776173695f736e617073686f745f70726576696577310970726f635f6578"
                            + "69740001030201020503010001071302066d656d6f72790200065f737461727400020a1b0119004103410041104109410142"
                            + "c000420041004100100010010b0b0f010041100b09646174612f6d616465");
    /** Never ends. */
    static final byte[] LOOP = HexFormat.of()
            .parseHex("0061736d0100000001040160000003020100070a01065f737461727400000a0901070003400c000b0b");
    /** Waits until there is input, in {@code poll_oneoff}, and reads none of it. */
    static final byte[] POLL = HexFormat.of()
            .parseHex(
                    "0061736d01000000010c0260047f7f7f7f017f60000002260116776173695f736e617073686f745f70726576696577310b706f6c6c5f6f"
                            + "6e656f66660000030201010503010001071302066d656d6f72790200065f737461727400010a18011600410841013a0000410041c00041"
                            + "0141800110001a0b");
    /** Sleeps for an hour, in {@code poll_oneoff}. */
    static final byte[] SLEEP = HexFormat.of()
            .parseHex(
                    "0061736d01000000010c0260047f7f7f7f017f60000002260116776173695f736e617073686f745f70726576696577310b706f6c6c5f6f"
                            + "6e656f66660000030201010503010001071302066d656d6f72790200065f737461727400010a250123004110410136020041184280c0e2"
                            + "85e3e800370300410041c000410141800110001a0b");
    /** Does something that is not allowed. */
    static final byte[] TRAP =
            HexFormat.of().parseHex("0061736d0100000001040160000003020100070a01065f737461727400000a05010300000b");

    private Guests() {}

    /** The busybox of this machine, which needs no libraries. */
    static Path busybox() {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, "busybox"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    /** That busybox, as an image has it. */
    static LayerFile busyboxFile() {
        return LayerFile.of("bin/busybox", busybox(), 0755);
    }

    /** One of the programs in {@code guests}. */
    static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(CHECKOUT.resolve("guests").resolve(name).resolve(name + ".wasm"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
