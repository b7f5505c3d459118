/* bench/support.h - what the benches in C share: a list of URLs, and what this process has used. */
#pragma once

#include <stddef.h>

/* One URL a line; ends the program when the file cannot be read. */
char **wd_bench_urls(const char *path, size_t *n);

/* User and system time. */
double wd_bench_cpu_s(void);
