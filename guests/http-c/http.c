/*
 * An HTTP server for one connection after the other: answers each request with its first line. Its socket listens already, with the descriptor that
 * the first argument says (default 4).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void serve(int client) {
    static char request[8192];
    size_t length = 0;
    while (length < sizeof request - 1) {
        ssize_t got = read(client, request + length, sizeof request - 1 - length);
        if (got <= 0)
            return;
        length += (size_t)got;
        request[length] = 0;
        if (strstr(request, "\r\n\r\n"))
            break;
    }
    size_t line = strcspn(request, "\r\n");
    static char answer[sizeof request + 128];
    int size = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%.*s\n",
                        line + 1, (int)line, request);
    for (int sent = 0; sent < size;) {
        ssize_t put = write(client, answer + sent, (size_t)(size - sent));
        if (put <= 0)
            return;
        sent += (int)put;
    }
}

int main(int count, char **arguments) {
    int listener = count > 1 ? atoi(arguments[1]) : 4;
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) {
            if (errno == EAGAIN || errno == EINTR)
                continue;
            perror("accept");
            return 1;
        }
        serve(client);
        close(client);
    }
}
