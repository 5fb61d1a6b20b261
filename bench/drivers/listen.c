/*
 * Makes a native program of guests/http-c/http.c, compiled with -Dmain=serve_all: it gets what Skiff gives the guest, a socket that listens, as
 * descriptor 4.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int serve_all(int count, char **arguments);

int main(int count, char **arguments) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(8080)};
    if (listener < 0 || bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 128) || dup2(listener, 4) < 0) {
        perror("listen on 8080");
        return 1;
    }
    return serve_all(count, arguments);
}
