package dev.skiff.oci;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** What is sent with a request. */
interface Body {
    /** How many bytes there are. */
    long length();

    /** Opens all of them, for each attempt anew. */
    InputStream open() throws IOException;

    /** What nothing is sent with still says that. */
    Body EMPTY = of(new byte[0]);

    static Body of(byte[] bytes) {
        return new Body() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }
        };
    }
}
