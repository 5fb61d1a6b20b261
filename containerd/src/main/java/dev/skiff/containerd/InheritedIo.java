package dev.skiff.containerd;

import dev.skiff.host.Stdio;

/** The standard streams of this process, for the one program in it. */
record InheritedIo() implements ProgramIo {
    @Override
    public Stdio stdio() {
        return Stdio.INHERIT;
    }

    @Override
    public void complain(String text) {
        System.err.println(text);
    }
}
