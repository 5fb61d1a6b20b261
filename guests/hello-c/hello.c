// Prints its arguments and one environment variable. Every hello-* guest prints the same line for its language.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    const char *greeting = getenv("GREETING");
    printf("hello from C, arguments [");
    for (int i = 1; i < argc; i++) printf(i > 1 ? ", %s" : "%s", argv[i]);
    printf("], GREETING %s\n", greeting ? greeting : "not set");
    return 0;
}
