// Walks through the file functions of the C library in the directory given as its argument (default /work) and prints
// one line per step. The last line is "ok" when every step did what POSIX says.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failures;

static void check(const char *what, int good) {
    printf("%-34s %s\n", what, good ? "yes" : "NO");
    if (!good) failures++;
}

static int refused(int result, int error) {
    return result == -1 && errno == error;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static void list(const char *path) {
    char *names[64];
    int count = 0;
    DIR *directory = opendir(path);
    if (!directory) {
        check("opendir", 0);
        return;
    }
    for (struct dirent *entry; count < 64 && (entry = readdir(directory));)
        if (entry->d_name[0] != '.') names[count++] = strdup(entry->d_name);
    closedir(directory);
    qsort(names, count, sizeof *names, by_name);
    printf("entries:");
    for (int i = 0; i < count; i++) printf(" %s", names[i]);
    printf("\n");
}

int main(int argc, char **argv) {
    if (chdir(argc > 1 ? argv[1] : "/work") != 0) {
        perror("chdir");
        return 1;
    }
    char buffer[64] = "";
    struct stat about;

    check("mkdir", mkdir("hold", 0755) == 0);
    check("mkdir again is EEXIST", refused(mkdir("hold", 0755), EEXIST));

    FILE *file = fopen("hold/log.txt", "w");
    check("fopen for writing", file != NULL);
    if (!file) return 1;
    for (int i = 0; i < 1000; i++) fprintf(file, "knot %d\n", i);
    check("fclose", fclose(file) == 0);
    check("stat size", stat("hold/log.txt", &about) == 0 && about.st_size == 8890);
    check("is a regular file", S_ISREG(about.st_mode));

    int fd = open("hold/log.txt", O_RDWR);
    check("lseek to the end", lseek(fd, 0, SEEK_END) == 8890);
    check("pread in the middle", pread(fd, buffer, 6, 7 * 10) == 6 && memcmp(buffer, "knot 1", 6) == 0);
    check("pwrite", pwrite(fd, "KNOT", 4, 0) == 4);
    check("offset not moved", lseek(fd, 0, SEEK_CUR) == 8890);
    check("ftruncate", ftruncate(fd, 14) == 0 && fstat(fd, &about) == 0 && about.st_size == 14);
    lseek(fd, 0, SEEK_SET);
    memset(buffer, 0, sizeof buffer);
    check("read back", read(fd, buffer, sizeof buffer - 1) == 14 && strcmp(buffer, "KNOT 0\nknot 1\n") == 0);
    check("fsync", fsync(fd) == 0);
    check("close", close(fd) == 0);
    check("close again is EBADF", refused(close(fd), EBADF));

    fd = open("hold/log.txt", O_WRONLY | O_APPEND);
    check("append", write(fd, "anchor\n", 7) == 7);
    close(fd);
    check("appended size", stat("hold/log.txt", &about) == 0 && about.st_size == 21);

    check("rename", rename("hold/log.txt", "hold/journal.txt") == 0);
    check("old name is ENOENT", refused(access("hold/log.txt", F_OK), ENOENT));
    check("link", link("hold/journal.txt", "hold/copy.txt") == 0);
    check("symlink", symlink("journal.txt", "hold/alias") == 0);
    memset(buffer, 0, sizeof buffer);
    check("readlink", readlink("hold/alias", buffer, sizeof buffer) == 11 && strcmp(buffer, "journal.txt") == 0);
    check("open through the symlink", (fd = open("hold/alias", O_RDONLY)) >= 0);
    close(fd);
    list("hold");

    check("rmdir of a full one is ENOTEMPTY", refused(rmdir("hold"), ENOTEMPTY));
    check("open above the root is refused", open("../../etc/passwd", O_RDONLY) == -1);
    check("exclusive create is EEXIST", refused(open("hold/copy.txt", O_CREAT | O_EXCL | O_WRONLY, 0644), EEXIST));
    check("unlink", unlink("hold/copy.txt") == 0 && unlink("hold/alias") == 0 && unlink("hold/journal.txt") == 0);
    check("rmdir", rmdir("hold") == 0);

    puts(failures ? "failed" : "ok");
    return failures ? 1 : 0;
}
