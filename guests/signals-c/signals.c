/*
 * A program that knows signals, and says what it gets. What it does until it gets SIGTERM is the first argument:
 *
 *   serve [FD]   answers connections on a socket that listens already (default 4), each after the first line that it sends; finishes the one it has
 *   wait         waits for its input, and says what comes
 *   sleep        sleeps
 *   stay         sleeps, and does not end by SIGTERM either
 *   work         computes, and asks for the time now and then
 *   raise N      sends itself the signal N
 *   exit N       waits, and ends by its handler with the status N
 *   trap         waits, and traps in its handler
 *   deep         waits, and calls itself in its handler until there is no more stack
 *   loop         waits, and stays in its handler for ever
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TERM 15

__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_raise"))) int32_t proc_raise(int32_t signal);

static volatile int stopping;
static const char *mode = "wait";
static int number;

static void say(const char *what, int value) {
    char line[64];
    int length = snprintf(line, sizeof line, "%s %d\n", what, value);
    for (int done = 0; done < length;) {
        ssize_t put = write(STDOUT_FILENO, line + done, (size_t)(length - done));
        if (put < 0 && errno != EINTR)
            exit(9);
        done += put > 0 ? (int)put : 0;
    }
}

static volatile int one = 1;

static int deep(int level) {
    volatile int here = level;
    return one ? deep(level + 1) + here : here;
}

__attribute__((export_name("__wasm_signal"))) void on_signal(int32_t signal) {
    say("signal", signal);
    if (strcmp(mode, "exit") == 0)
        exit(number);
    if (strcmp(mode, "trap") == 0)
        __builtin_trap();
    if (strcmp(mode, "deep") == 0)
        say("deep", deep(0));
    while (strcmp(mode, "loop") == 0 && one) {
    }
    if (signal == TERM)
        stopping = strcmp(mode, "stay") != 0;
}

static void serve(int listener) {
    while (!stopping) {
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            continue;
        say("accepted", client);
        char byte = 0;
        while (byte != '\n') {
            ssize_t got = read(client, &byte, 1);
            if (got == 0 || (got < 0 && errno != EINTR))
                break;
        }
        write(client, stopping ? "last\n" : "more\n", 5);
        close(client);
    }
}

static void wait_for_input(void) {
    while (!stopping) {
        char bytes[100];
        ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
        if (got == 0)
            return;
        say(got < 0 ? "interrupted" : "read", got < 0 ? errno == EINTR : (int)got);
    }
}

static void nap(void) {
    while (!stopping) {
        struct timespec hour = {3600, 0};
        if (nanosleep(&hour, NULL) != 0)
            say("interrupted", 1);
    }
}

static void work(void) {
    volatile unsigned sum = 0;
    while (!stopping) {
        for (unsigned i = 0; i < 100000; i++)
            sum += i;
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
    }
}

int main(int count, char **arguments) {
    if (count > 1)
        mode = arguments[1];
    if (count > 2)
        number = atoi(arguments[2]);
    say("ready", 0);
    if (strcmp(mode, "serve") == 0)
        serve(count > 2 ? number : 4);
    else if (strcmp(mode, "sleep") == 0 || strcmp(mode, "stay") == 0)
        nap();
    else if (strcmp(mode, "work") == 0)
        work();
    else if (strcmp(mode, "raise") == 0)
        say("raised", proc_raise(number));
    else
        wait_for_input();
    say("done", stopping);
    return 0;
}
