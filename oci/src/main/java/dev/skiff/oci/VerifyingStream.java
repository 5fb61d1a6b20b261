package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** A stream that fails before its end is seen if it is not what a descriptor says. */
final class VerifyingStream extends BulkInput {
    /** What is done where content is wrong; answers what to say of it. */
    interface WhenWrong {
        String act() throws IOException;
    }

    private final Descriptor descriptor;
    private final String what;
    private final WhenWrong whenWrong;
    private final MessageDigest hasher;
    private long count;
    private boolean verified;

    VerifyingStream(InputStream in, Descriptor descriptor, String what, WhenWrong whenWrong) {
        super(in);
        this.descriptor = descriptor;
        this.what = what;
        this.whenWrong = whenWrong;
        hasher = descriptor.digest().hasher();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int got = in.read(bytes, offset, length);
        if (got > 0) {
            hasher.update(bytes, offset, got);
            count += got;
            if (count > descriptor.size()) {
                throw wrong("it has more than the " + descriptor.size() + " bytes that it should have");
            }
        } else if (got < 0 && !verified) {
            verified = true;
            verify();
        }
        return got;
    }

    private void verify() throws IOException {
        if (count != descriptor.size()) {
            throw wrong("it has " + count + " bytes instead of " + descriptor.size());
        }
        Digest digest = descriptor.digest().finish(hasher);
        if (!digest.equals(descriptor.digest())) {
            throw wrong("its digest is " + digest);
        }
    }

    private OciException wrong(String how) throws IOException {
        return new OciException(
                Problem.CORRUPT, what + " is not " + descriptor.digest() + ": " + how + "; " + whenWrong.act());
    }
}
