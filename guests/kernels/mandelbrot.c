// Floating point without memory: escape times over an n x n picture of the Mandelbrot set.
#include "kernel.h"

int64_t run(int32_t n) {
    int64_t sum = 0;
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            double cr = 3.0 * x / n - 2.1, ci = 2.4 * y / n - 1.2;
            double r = 0, i = 0;
            int step = 0;
            for (; step < 100; step++) {
                double r2 = r * r, i2 = i * i;
                if (r2 + i2 > 4) break;
                i = 2 * r * i + ci;
                r = r2 - i2 + cr;
            }
            sum += step * (1 + (x ^ y) % 3);
        }
    return sum;
}
