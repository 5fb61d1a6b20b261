// Sorting: quicksort (median of three, insertion sort for short runs) of n thousand numbers in uneven order.
#include "kernel.h"

enum { MAX = 4000000 };
static int32_t numbers[MAX];

static void swap(int32_t *a, int32_t *b) {
    int32_t t = *a;
    *a = *b;
    *b = t;
}

static void sort(int32_t *low, int32_t *high) {
    while (high - low > 16) {
        int32_t *middle = low + (high - low) / 2;
        if (*middle < *low) swap(middle, low);
        if (*high < *low) swap(high, low);
        if (*high < *middle) swap(high, middle);
        int32_t pivot = *middle;
        int32_t *i = low, *j = high;
        while (i <= j) {
            while (*i < pivot) i++;
            while (*j > pivot) j--;
            if (i <= j) swap(i++, j--);
        }
        if (j - low < high - i) {
            sort(low, j);
            low = i;
        } else {
            sort(i, high);
            high = j;
        }
    }
    for (int32_t *i = low + 1; i <= high; i++) {
        int32_t moved = *i;
        int32_t *j = i;
        for (; j > low && j[-1] > moved; j--) *j = j[-1];
        *j = moved;
    }
}

int64_t run(int32_t n) {
    int32_t count = n * 1000 > MAX ? MAX : n * 1000;
    uint32_t state = 7;
    for (int i = 0; i < count; i++) numbers[i] = (int32_t) next_random(&state);
    sort(numbers, numbers + count - 1);
    uint64_t sum = 0;
    for (int i = 1; i < count; i++) {
        if (numbers[i - 1] > numbers[i]) return -1;
        sum = sum * 31 + (uint32_t) numbers[i];
    }
    return (int64_t) sum;
}
