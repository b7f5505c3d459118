/* daemon/process_stats.c - getrusage, and two looks into /proc/self. */
#include "daemon/process_stats.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t resident_bytes(void)
{
    uint64_t size = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f == NULL)
        return 0;
    if (fscanf(f, "%" SCNu64 " %" SCNu64, &size, &resident) != 2)
        resident = 0;
    fclose(f);
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t open_files(void)
{
    uint64_t n = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return 0;
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n > 3 ? n - 3 : 0; /* ".", "..", and the directory itself */
}

static double seconds(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

void wd_process_stats_get(wd_process_stats *out)
{
    struct rusage used;
    struct rlimit files;
    *out = (wd_process_stats){ .resident_bytes = resident_bytes(), .open_files = open_files() };
    if (getrusage(RUSAGE_SELF, &used) == 0)
        out->cpu_seconds = seconds(&used.ru_utime) + seconds(&used.ru_stime);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        out->max_files = (uint64_t)files.rlim_cur;
}
