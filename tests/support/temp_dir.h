/* tests/support/temp_dir.h - a directory of a test's own, gone afterwards. */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline void temp_dir_make(char out[PATH_MAX])
{
    const char *base = getenv("TMPDIR");
    snprintf(out, PATH_MAX, "%s/wdtest-XXXXXX", base != NULL && base[0] == '/' ? base : "/tmp");
    if (mkdtemp(out) == NULL) {
        perror("mkdtemp");
        abort();
    }
}

/* Two levels are enough for a ledger and for a Redis with its appendonlydir. */
static inline void temp_dir_empty(const char *path, int depth)
{
    DIR *dir = opendir(path);
    for (struct dirent *e = dir != NULL ? readdir(dir) : NULL; e != NULL; e = readdir(dir)) {
        char inside[PATH_MAX];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(inside, sizeof(inside), "%s/%s", path, e->d_name);
        if (unlink(inside) != 0 && depth > 0)
            temp_dir_empty(inside, depth - 1);
    }
    if (dir != NULL)
        closedir(dir);
    rmdir(path);
}

static inline void temp_dir_remove(const char *path)
{
    temp_dir_empty(path, 3);
}

/* A file in it, and a directory, which may be there already. */
static inline void temp_dir_write(const char *dir, const char *name, const char *text)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0) {
        perror(path);
        abort();
    }
}

static inline void temp_dir_add(const char *dir, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        perror(path);
        abort();
    }
}

/* cmocka's setup and teardown: the state is the char[PATH_MAX] that gets the path. */
static inline int temp_dir_setup(void **state)
{
    temp_dir_make(*state);
    return 0;
}

static inline int temp_dir_teardown(void **state)
{
    temp_dir_remove(*state);
    return 0;
}

#define TEMP_DIR_TEST(name, path)                                                                  \
    cmocka_unit_test_prestate_setup_teardown(name, temp_dir_setup, temp_dir_teardown, path)
