/**
 * Typed bindings to the Linux system calls that Skiff needs, on x86_64 and aarch64.
 *
 * <p>The bindings are thin: one method is one system call, numbers and flags are the kernel's own, memory is passed as
 * raw addresses, and a failing call throws {@link dev.skiff.linux.LinuxException}. Nothing is retried (not even after
 * {@code EINTR}), cached or decided here; that is the caller's business.
 *
 * <p>All methods may be called from any thread, virtual threads included; a call that blocks in the kernel also blocks
 * the carrier, so calls that can wait for long belong on platform threads.
 */
package dev.skiff.linux;
