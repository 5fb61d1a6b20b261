// Exits with the status given as its argument, by way of exit(); "abort" traps instead, "return" falls off main with 3.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    if (argc < 2) {
        fputs("usage: exit STATUS | abort | return\n", stderr);
        return 2;
    }
    if (strcmp(argv[1], "abort") == 0) abort();
    if (strcmp(argv[1], "return") == 0) return 3;
    puts("leaving");  // must be flushed by exit
    exit(atoi(argv[1]));
}
