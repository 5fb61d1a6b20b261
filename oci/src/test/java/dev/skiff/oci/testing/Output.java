package dev.skiff.oci.testing;

import java.time.Duration;

/**
 * What a program that has ended said.
 *
 * @param command the program and its arguments, for messages
 * @param status its exit status
 * @param out its standard output
 * @param err its standard error
 * @param time how long it took
 */
public record Output(String command, int status, String out, String err, Duration time) {

    /**
     * This, if the program succeeded.
     *
     * @throws AssertionError with all that it said, if it did not
     */
    public Output succeeded() {
        if (status != 0) {
            throw new AssertionError(command + " ended with status " + status + "\n" + out + err);
        }
        return this;
    }

    /**
     * This, if the program failed.
     *
     * @throws AssertionError with all that it said, if it did not
     */
    public Output failed() {
        if (status == 0) {
            throw new AssertionError(command + " succeeded, and should have failed\n" + out + err);
        }
        return this;
    }
}
