package dev.skiff.containerd;

import dev.skiff.host.Stdio;

/** The standard streams of a program. Thread-safe. */
interface ProgramIo {
    /** What the program itself gets of them. */
    Stdio stdio();

    /** Says something for people on standard error, as far as that is possible. */
    void complain(String text);
}
