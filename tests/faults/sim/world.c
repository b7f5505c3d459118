/* tests/faults/sim/world.c - a seed from its first commit to the verdict. */
#include "tests/faults/sim/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.h"
#include "tests/support/torn_disk.h"

#define MAX_FAULTS  8u
#define BATCHES     12u                /* between faults, at most */
#define PATIENCE_US (200 * SIM_SECOND) /* six times the longest retry, a person's */

/* A fenced daemon stops, as daemon/service.c does.  Of two one must stay: which of them spoke
 * last to a Redis that may have forgotten both is not for us to say. */
static void stop_fenced(world *w)
{
    for (unsigned i = 0; i < w->n_lives; i++) {
        life *f = &w->life[i];
        const life *other = &w->life[1 - i];
        wd_publisher_stats stats;
        if (f->ledger == NULL)
            continue;
        wd_publisher_get_stats(f->publisher, &stats);
        if (!stats.fenced)
            continue;
        if (w->n_lives == 1 || other->fenced || other->replaced)
            judge_fail(&w->judge, "a daemon was fenced, and there is no other");
        f->fenced = true;
        life_end(f, false);
    }
}

/* After a power cut in the middle of a write. */
static void wake_the_dead(world *w)
{
    for (unsigned i = 0; i < w->n_lives; i++)
        (void)life_start(&w->life[i]);
}

static void reader(void *ctx)
{
    world *w = ctx;
    judge_read(&w->judge);
    sim_after(&w->net.s, sim_between(&w->net.s, 20, 200) * SIM_MS, w, reader, w);
}

/* Stories come, and now and then something breaks. */
static void days(void *ctx)
{
    world *w = ctx;
    sim *s = &w->net.s;
    for (unsigned i = 0; i < w->n_lives; i++)
        life_store(&w->life[i]);
    if (sim_chance(s, 100 / BATCHES * 2)) {
        world_trouble(w);
        if (w->faults-- == 0 || w->judge.why[0] != '\0') {
            w->healing = true;
            return;
        }
    }
    if (sim_chance(s, 30))
        wake_the_dead(w);
    sim_after(s, sim_between(s, 1, sim_chance(s, 80) ? 60 : 6000) * SIM_MS, w, days, w);
}

static void begin(world *w, const char *base)
{
    sim *s = &w->net.s;
    uint64_t kind = sim_roll(s, 4);
    w->net.by_sentinel = kind == 2;
    w->net.by_cluster = kind == 3;
    w->net.latency = sim_chance(s, 70) ? 400 : 30 * SIM_MS;
    snprintf(w->url, sizeof(w->url), "%s",
             w->net.by_sentinel  ? "sentinel://127.0.0.1:26379/sim"
             : w->net.by_cluster ? "cluster://127.0.0.1:6379,127.0.0.1:6381"
                                 : "redis://127.0.0.1:6379");
    for (unsigned i = 0; i < MODEL_SERVERS; i++) {
        model_server_init(&w->net.server[i], s, (uint16_t)(MODEL_PORT + i));
        w->net.server[i].has_waitaof = w->net.latency > SIM_MS; /* half of them are old */
        w->net.server[i].replica = i > 0 && !w->net.by_cluster;
        if (i > 0 && w->net.by_cluster)
            w->net.server[i].moved_to = MODEL_PORT;
    }
    judge_init(&w->judge, &w->net);
    for (unsigned i = 0; i < WORLD_LIVES; i++) {
        life_init(&w->life[i], s, &w->judge, i);
        snprintf(w->dir[i], sizeof(w->dir[i]), "%s/desk%u", base, i);
        w->life[i].dir = w->dir[i];
        w->life[i].url = w->url;
    }
    w->n_lives = 1;
    w->twins = sim_chance(s, 20);
    w->faults = (unsigned)sim_roll(s, MAX_FAULTS);
    (void)life_start(&w->life[0]);
    sim_after(s, 0, w, reader, w);
    sim_after(s, SIM_MS, w, days, w);
}

static bool is_over(world *w)
{
    for (unsigned i = 0; i < w->n_lives; i++)
        if (!life_is_done(&w->life[i]))
            return false;
    return true;
}

static void drain(world *w)
{
    sim *s = &w->net.s;
    int64_t late = s->now + PATIENCE_US;
    world_heal(w);
    SIM_TRACE(s, "* all is well again");
    while (w->judge.why[0] == '\0' && !is_over(w)) {
        stop_fenced(w);
        wake_the_dead(w);
        if (s->now > late)
            judge_fail(&w->judge, "not drained %d s after the last trouble",
                       (int)(PATIENCE_US / SIM_SECOND));
        (void)sim_step(s);
    }
}

static void end(world *w)
{
    const life *f = w->life;
    bool fenced[WORLD_LIVES] = { f[0].fenced || f[0].replaced, f[1].fenced };
    judge_read(&w->judge);
    if (w->judge.why[0] == '\0')
        judge_all(&w->judge, fenced);
    for (unsigned i = 0; i < w->n_lives; i++)
        life_end(&w->life[i], false);
    sim_forget(&w->net.s, w);
    while (w->life[0].closing + w->life[1].closing > 0 && sim_step(&w->net.s))
        ;
}

void world_run(uint64_t seed, const char *base, bool trace, world_result *out)
{
    world *w = calloc(1, sizeof(*w));
    if (w == NULL)
        abort();
    sim *s = &w->net.s;
    sim_init(s, seed);
    s->trace = trace;
    torn_disk_install(seed + 1);
    begin(w, base);
    while (!w->healing && sim_step(s))
        stop_fenced(w);
    drain(w);
    end(w);
    *out = (world_result){
        .seed = seed, .stories = w->judge.n, .faults = w->done, .simulated_ms = s->now / SIM_MS
    };
    memcpy(out->why, w->judge.why, sizeof(out->why));
    for (unsigned i = 0; i < MODEL_SERVERS; i++)
        model_server_done(&w->net.server[i]);
    for (unsigned i = 0; i < WORLD_LIVES; i++)
        temp_dir_remove(w->dir[i]);
    judge_done(&w->judge);
    sim_done(s);
    free(w);
}
