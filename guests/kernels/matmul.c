// Floating point: the product of two n x n matrices of doubles, rows times columns in the cache-friendly loop order.
#include "kernel.h"

enum { MAX = 512 };
static double a[MAX][MAX], b[MAX][MAX], c[MAX][MAX];

int64_t run(int32_t n) {
    if (n > MAX) n = MAX;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            a[i][j] = (i * 3 + j) % 17 / 4.0;
            b[i][j] = (i + j * 5) % 13 / 8.0;
            c[i][j] = 0;
        }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++) {
            double scale = a[i][k];
            for (int j = 0; j < n; j++) c[i][j] += scale * b[k][j];
        }
    double trace = 0;
    for (int i = 0; i < n; i++) trace += c[i][i] + c[i][n - 1 - i];
    return (int64_t) (trace * 32);
}
