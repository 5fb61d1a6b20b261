// Runs a natively compiled kernel: prints the checksum, then one line per timed round with nanoseconds of thread CPU time.
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kernel.h"

static int64_t cpu_nanos(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: %s N WARMUP ROUNDS\n", argv[0]);
        return 2;
    }
    int n = atoi(argv[1]);
    int64_t checksum = run(n);
    printf("checksum %" PRId64 "\n", checksum);
    for (int i = atoi(argv[2]); i > 0; i--) run(n);
    for (int i = atoi(argv[3]); i > 0; i--) {
        int64_t start = cpu_nanos();
        int64_t again = run(n);
        int64_t nanos = cpu_nanos() - start;
        if (again != checksum) {
            fprintf(stderr, "checksum changed\n");
            return 1;
        }
        printf("nanos %" PRId64 "\n", nanos);
    }
    return 0;
}
