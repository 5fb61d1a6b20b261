// The hello of hello-min in a module that declares 16 MB of memory and carries 1.5 MB of initialised data:
// what instantiation costs when the data segments are not negligible. The linker sets the memory size.

typedef struct { const char *at; unsigned long length; } slice;

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write")))
int fd_write(int fd, const slice *slices, unsigned long count, unsigned long *written);

#define ROW 1, 30, 61, 101, 127, 130, 11, 13, 17, 199, 210, 255, 66, 99, 38, 250
#define ROWS8 ROW, ROW, ROW, ROW, ROW, ROW, ROW, ROW
#define ROWS64 ROWS8, ROWS8, ROWS8, ROWS8, ROWS8, ROWS8, ROWS8, ROWS8
#define KIB8 ROWS64, ROWS64, ROWS64, ROWS64, ROWS64, ROWS64, ROWS64, ROWS64
#define KIB64 KIB8, KIB8, KIB8, KIB8, KIB8, KIB8, KIB8, KIB8
#define KIB512 KIB64, KIB64, KIB64, KIB64, KIB64, KIB64, KIB64, KIB64

static volatile unsigned char ballast[3 * 512 * 1024] = { KIB512, KIB512, KIB512 };
static const char text[] = "hello, big boat\n";

__attribute__((export_name("_start")))
void start(void) {
    // One read per 256 KiB keeps the data alive; a wrong image would print nothing.
    int sum = 0;
    for (unsigned i = 0; i < sizeof ballast; i += 256 * 1024) sum += ballast[i];
    if (sum != 6) return;
    slice line = { text, sizeof text - 1 };
    unsigned long written;
    fd_write(1, &line, 1, &written);
}
