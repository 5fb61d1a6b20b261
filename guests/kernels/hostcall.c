// Host calls: n thousand calls of an imported function, the result of each fed to the next.
#include "kernel.h"

#ifdef __wasm__
__attribute__((import_module("env"), import_name("tick")))
int32_t tick(int32_t x);
#else
__attribute__((noinline)) static int32_t tick(int32_t x) {
    __asm__ volatile("" : "+r"(x));
    return x + 1;
}
#endif

int64_t run(int32_t n) {
    int32_t x = 0;
    for (int i = 0; i < n * 1000; i++) x = tick(x);
    return x;
}
