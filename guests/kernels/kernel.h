// What every kernel shares. A kernel is one C file that defines run(n) and needs no library: the same source becomes
// a Wasm module with one export and, together with native.c, a native program.
#ifndef KERNEL_H
#define KERNEL_H

#include <stdint.h>

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(name)))
#else
#define EXPORT(name)
#endif

/** Does the kernel's work at size n and returns a checksum that depends on all of it. */
EXPORT("run") int64_t run(int32_t n);

/** A step of a small generator of uneven numbers (Numerical Recipes' constants). */
static inline uint32_t next_random(uint32_t *state) {
    return *state = *state * 1664525u + 1013904223u;
}

#endif
