/*
 * What `kubectl exec` and `ctr task exec` find in every container, at /skiff/cat, /skiff/env, /skiff/ls and /skiff/ps. One program, which goes
 * by the name that it is called by. guests/build.sh makes tools.wasm of it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *tool;
static int failures;

static void complain(const char *file) {
    fprintf(stderr, "%s: %s: %s\n", tool, file, strerror(errno));
    failures = 1;
}

/* The rest of the output would go nowhere either. */
static void check_output(void) {
    if (ferror(stdout)) {
        complain("standard output");
        exit(1);
    }
}

static void copy(int from, const char *name) {
    static char buffer[64 * 1024];
    ssize_t got;
    while ((got = read(from, buffer, sizeof buffer)) > 0) {
        fwrite(buffer, 1, (size_t)got, stdout);
        fflush(stdout);
        check_output();
    }
    if (got < 0)
        complain(name);
}

static void cat(int count, char **files) {
    if (count == 0)
        copy(STDIN_FILENO, "standard input");
    for (int i = 0; i < count; i++) {
        if (strcmp(files[i], "-") == 0) {
            copy(STDIN_FILENO, "standard input");
            continue;
        }
        int fd = open(files[i], O_RDONLY);
        if (fd < 0) {
            complain(files[i]);
            continue;
        }
        copy(fd, files[i]);
        close(fd);
    }
}

static void env(void) {
    for (char **variable = environ; *variable; variable++)
        puts(*variable);
}

static char kind(mode_t mode) {
    if (S_ISDIR(mode))
        return 'd';
    if (S_ISLNK(mode))
        return 'l';
    if (S_ISCHR(mode))
        return 'c';
    if (S_ISBLK(mode))
        return 'b';
    if (S_ISSOCK(mode))
        return 's';
    return '-';
}

/* WASI tells of no permissions and no owners, so there are none here. */
static void show(const char *path, const char *name, int details) {
    struct stat status;
    if (!details) {
        puts(name);
        return;
    }
    if (lstat(path, &status) != 0) {
        complain(path);
        return;
    }
    char when[32];
    strftime(when, sizeof when, "%Y-%m-%d %H:%M", gmtime(&status.st_mtim.tv_sec));
    printf("%c %12lld %s %s", kind(status.st_mode), (long long)status.st_size, when, name);
    char target[4096];
    ssize_t length;
    if (S_ISLNK(status.st_mode) && (length = readlink(path, target, sizeof target - 1)) >= 0) {
        target[length] = 0;
        printf(" -> %s", target);
    }
    putchar('\n');
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path, int all, int details) {
    DIR *directory = opendir(path);
    if (!directory) {
        complain(path);
        return;
    }
    char **names = NULL;
    size_t count = 0;
    struct dirent *entry;
    errno = 0;
    while ((entry = readdir(directory))) {
        if (!all && entry->d_name[0] == '.')
            continue;
        char **more = realloc(names, (count + 1) * sizeof *names);
        char *name = strdup(entry->d_name);
        if (!more || !name) {
            complain(path);
            exit(1);
        }
        names = more;
        names[count++] = name;
    }
    if (errno)
        complain(path);
    closedir(directory);
    if (count)
        qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        char *whole = NULL;
        if (asprintf(&whole, "%s/%s", path, names[i]) < 0) {
            complain(path);
            exit(1);
        }
        show(whole, names[i], details);
        free(whole);
        free(names[i]);
    }
    free(names);
}

static void ls(int count, char **arguments) {
    int all = 0, details = 0, first = 0;
    for (; first < count && arguments[first][0] == '-' && arguments[first][1]; first++) {
        for (const char *option = arguments[first] + 1; *option; option++) {
            if (*option == 'a')
                all = 1;
            else if (*option == 'l')
                details = 1;
            else {
                fprintf(stderr, "%s: there is no option -%c; use: %s [-a] [-l] [FILE]...\n", tool, *option, tool);
                exit(2);
            }
        }
    }
    char *here[] = {"."};
    char **files = first < count ? arguments + first : here;
    int files_count = first < count ? count - first : 1;
    for (int i = 0; i < files_count; i++) {
        struct stat status;
        if (stat(files[i], &status) != 0 && lstat(files[i], &status) != 0) {
            complain(files[i]);
        } else if (S_ISDIR(status.st_mode)) {
            if (files_count > 1)
                printf("%s%s:\n", i ? "\n" : "", files[i]);
            list(files[i], all, details);
        } else {
            show(files[i], files[i], details);
        }
    }
}

int main(int count, char **arguments) {
    tool = count > 0 ? arguments[0] : "";
    const char *slash = strrchr(tool, '/');
    const char *name = slash ? slash + 1 : tool;
    if (strcmp(name, "cat") == 0)
        cat(count - 1, arguments + 1);
    else if (strcmp(name, "env") == 0)
        env();
    else if (strcmp(name, "ls") == 0)
        ls(count - 1, arguments + 1);
    else if (strcmp(name, "ps") == 0)
        /* Who runs this puts the table here. */
        copy(STDIN_FILENO, "the table of processes");
    else {
        fprintf(stderr, "%s: there is no such tool\n", tool);
        return 2;
    }
    fflush(stdout);
    check_output();
    return failures;
}
