/* bench/support.c - getline and getrusage. */
#include "bench/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

char **wd_bench_urls(const char *path, size_t *n)
{
    char *line = NULL, **urls = NULL;
    size_t room = 0, cap = 0;
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        perror(path);
        exit(1);
    }
    for (*n = 0; getline(&line, &room, f) >= 0; ++*n) {
        line[strcspn(line, "\r\n")] = '\0';
        if (*n == cap) {
            char **more = realloc(urls, (cap = cap ? 2 * cap : 1024) * sizeof(*urls));
            if (more == NULL)
                abort();
            urls = more;
        }
        if ((urls[*n] = strdup(line)) == NULL)
            abort();
    }
    free(line);
    fclose(f);
    return urls;
}

double wd_bench_cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}
