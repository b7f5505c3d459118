/*
 * tests/faults/sim/main.c - runs seeds, several processes at a time, and says which failed.
 *
 *     simulate [--seeds N] [--first SEED] [--jobs N]     many
 *     simulate --seed SEED                               one, with everything that happened
 *     simulate --file seeds.txt                          those that failed once
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/faults/sim/world.h"
#include "tests/support/temp_dir.h"

#define MAX_JOBS 64

typedef struct totals {
    uint64_t seeds, failed, stories;
    int64_t simulated_ms;
    uint64_t struck[64];
} totals;

static void run_one(uint64_t seed, const char *base, bool trace, totals *t)
{
    world_result r;
    world_run(seed, base, trace, &r);
    t->seeds++;
    t->stories += r.stories;
    t->simulated_ms += r.simulated_ms;
    for (unsigned i = 0; i < 64; i++)
        t->struck[i] += r.faults >> i & 1;
    if (r.why[0] == '\0')
        return;
    t->failed++;
    printf("seed %" PRIu64 ": %s\n", seed, r.why);
    fflush(stdout);
}

/* One process takes every `step`-th seed. */
static totals run_many(uint64_t first, uint64_t n, unsigned step)
{
    char base[PATH_MAX];
    totals t = { 0 };
    temp_dir_make(base);
    for (uint64_t i = 0; i < n; i += step)
        run_one(first + i, base, false, &t);
    temp_dir_remove(base);
    return t;
}

static void add(totals *sum, const totals *t)
{
    sum->seeds += t->seeds;
    sum->failed += t->failed;
    sum->stories += t->stories;
    sum->simulated_ms += t->simulated_ms;
    for (unsigned i = 0; i < 64; i++)
        sum->struck[i] += t->struck[i];
}

static totals run_in_processes(uint64_t first, uint64_t n, unsigned jobs)
{
    int pipes[MAX_JOBS][2];
    totals sum = { 0 };
    for (unsigned j = 0; j < jobs; j++) {
        if (pipe(pipes[j]) != 0)
            abort();
        if (fork() == 0) {
            totals t = run_many(first + j, n > j ? n - j : 0, jobs);
            bool told = write(pipes[j][1], &t, sizeof(t)) == (ssize_t)sizeof(t);
            _exit(told ? 0 : 1);
        }
        close(pipes[j][1]);
    }
    for (unsigned j = 0; j < jobs; j++) {
        totals t;
        if (read(pipes[j][0], &t, sizeof(t)) != (ssize_t)sizeof(t)) {
            printf("process %u died\n", j);
            sum.failed++;
            continue;
        }
        add(&sum, &t);
    }
    while (wait(NULL) > 0)
        ;
    return sum;
}

static totals run_file(const char *path)
{
    char line[128], base[PATH_MAX];
    totals t = { 0 };
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        perror(path);
        exit(2);
    }
    temp_dir_make(base);
    while (fgets(line, sizeof(line), f) != NULL)
        if (line[0] >= '0' && line[0] <= '9')
            run_one(strtoull(line, NULL, 10), base, false, &t);
    fclose(f);
    temp_dir_remove(base);
    return t;
}

static void report(const totals *t, double seconds)
{
    printf("%" PRIu64 " seeds, %" PRIu64 " stories, %.1f h simulated in %.1f s, %" PRIu64
           " failed\n",
           t->seeds, t->stories, (double)t->simulated_ms / 3600e3, seconds, t->failed);
    for (unsigned i = 0; world_trouble_name(i) != NULL; i++)
        printf("%s%s %" PRIu64, i > 0 ? ", " : "  in so many seeds: ", world_trouble_name(i),
               t->struck[i]);
    printf("\n");
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    uint64_t first = 1, n = 1000;
    unsigned jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    double start = seconds_now();
    totals t = { 0 };
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0); /* the disk is simulated above it */
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seeds") == 0) {
            n = strtoull(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--first") == 0) {
            first = strtoull(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--jobs") == 0) {
            jobs = (unsigned)strtoul(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--file") == 0) {
            t = run_file(argv[i + 1]);
            n = 0;
        } else if (strcmp(argv[i], "--seed") == 0) {
            char base[PATH_MAX];
            temp_dir_make(base);
            run_one(strtoull(argv[i + 1], NULL, 10), base, true, &t);
            temp_dir_remove(base);
            n = 0;
        }
    }
    jobs = jobs < 1 ? 1 : jobs > MAX_JOBS ? MAX_JOBS : jobs;
    if (n > 0)
        t = run_in_processes(first, n, jobs);
    report(&t, seconds_now() - start);
    return t.failed > 0;
}
