// The smallest useful WASI command: no C library, one host call. Made for timing how long an instance takes to start.

typedef struct { const char *at; unsigned long length; } slice;

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write")))
int fd_write(int fd, const slice *slices, unsigned long count, unsigned long *written);

static const char text[] = "hello, small boat\n";

__attribute__((export_name("_start")))
void start(void) {
    slice line = { text, sizeof text - 1 };
    unsigned long written;
    fd_write(1, &line, 1, &written);
}
