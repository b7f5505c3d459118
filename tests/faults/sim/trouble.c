/* tests/faults/sim/trouble.c - what can go wrong, one row each; all of it ends by itself. */
#include <limits.h>
#include <stdio.h>

#include "tests/faults/sim/world.h"
#include "tests/support/torn_disk.h"

typedef enum reach {
    EVERYWHERE,
    ALONE, /* not where two daemons share a disk, or Redis may forget who of them won */
    TWINS,
    SENTINEL, /* only where sentinels name the master, or one address stands for it */
    CLUSTER,
} reach;

static model_server *master(world *w)
{
    return &w->net.server[w->net.master];
}

/* The one that has the stream, or is to have it. */
static life *alive(world *w)
{
    life *last = &w->life[w->n_lives - 1];
    return last->fenced ? &w->life[0] : last;
}

/* --- the daemon and its disk ---------------------------------------------------- */

static void come_back(void *ctx)
{
    (void)life_start(ctx);
}

static void die(world *w, bool power)
{
    life *f = alive(w);
    life_end(f, power);
    sim_after(&w->net.s, sim_between(&w->net.s, 1, 3000) * SIM_MS, w, come_back, f);
}

static void sigkill(world *w)
{
    die(w, false);
}

static void power_loss(world *w)
{
    die(w, true);
}

/* life.c notices, and ends; the world starts it again (world.c). */
static void power_loss_while_writing(world *w)
{
    torn_disk_cut((unsigned)sim_roll(&w->net.s, 60));
}

static void disk_is_full(world *w)
{
    sim *s = &w->net.s;
    torn_disk_fail((unsigned)sim_roll(s, 20), 1 + (unsigned)sim_roll(s, 5), sim_chance(s, 50));
}

static void clock_is_set(world *w)
{
    static const int64_t steps[] = { -WD_DAY_MS, -2000, 2000, WD_DAY_MS };
    w->net.s.wall_step += steps[sim_roll(&w->net.s, WD_COUNT(steps))];
}

/* Rows go that Redis may still lose: then a gap must be told. */
static void rows_go_early(world *w)
{
    w->judge.may_gap = true;
    life_trim(alive(w), sim_between(&w->net.s, 0, 2000), false);
}

/* No power cut and no failover takes those: there must never be a gap. */
static void safe_rows_go(world *w)
{
    life_trim(alive(w), sim_between(&w->net.s, 0, 1000), true);
}

static void a_twin_comes(world *w)
{
    if (w->n_lives > 1)
        return;
    w->life[0].replaced = w->life[0].ledger == NULL;
    (void)life_start(&w->life[w->n_lives++]);
}

/* --- the server --------------------------------------------------------------------- */

static void server_comes_back(void *ctx)
{
    model_server *m = ctx;
    m->down = false;
}

static void server_dies(world *w, size_t lost)
{
    sim *s = &w->net.s;
    model_server *m = master(w);
    m->life++;
    m->down = true;
    m->knows_script = false;
    model_server_lose(m, lost);
    model_net_cut_server(&w->net, m);
    sim_after(s, sim_between(s, 1, 4000) * SIM_MS, m, server_comes_back, m);
}

static void server_is_killed(world *w)
{
    server_dies(w, 0);
}

/* appendfsync everysec: a second of writes, whatever they were. */
static void server_loses_power(world *w)
{
    server_dies(w, sim_roll(&w->net.s, sim_chance(&w->net.s, 80) ? 40 : 400));
}

static void server_is_stopped(world *w)
{
    sim *s = &w->net.s;
    master(w)->busy_until = s->now + sim_between(s, 10, sim_chance(s, 70) ? 3000 : 25000) * SIM_MS;
}

static void error_ends(void *ctx)
{
    ((model_server *)ctx)->error = NULL;
}

static void server_refuses(world *w)
{
    static const char *const errors[] = {
        "LOADING Redis is loading the dataset in memory",
        "BUSY Redis is busy running a script",
        "MISCONF Redis is configured to save RDB snapshots",
        "NOREPLICAS Not enough good replicas to write.",
        "OOM command not allowed when used memory > 'maxmemory'.",
        "CLUSTERDOWN The cluster is down",
        "TRYAGAIN Multiple keys request during rehashing of slot",
        "NOAUTH Authentication required.",
        "READONLY You can't write against a read only replica.",
        "ERR something that nobody has heard of",
    };
    sim *s = &w->net.s;
    model_server *m = master(w);
    m->error = errors[sim_roll(s, WD_COUNT(errors))];
    m->only_to_writes = sim_chance(s, 60);
    sim_after(s, sim_between(s, 10, 4000) * SIM_MS, m, error_ends, m);
}

static void everything_is_flushed(world *w)
{
    w->judge.may_gap = true;
    model_server_flush(master(w));
}

static void fence_is_deleted(world *w)
{
    model_server_unfence(master(w), sim_chance(&w->net.s, 50) ? WD_LANE_ITEMS : WD_LANE_COPIES);
}

static void scripts_are_flushed(world *w)
{
    master(w)->knows_script = false;
}

/* --- the network ---------------------------------------------------------------------- */

static void connections_are_cut(world *w)
{
    model_net_cut(&w->net);
}

static void light_returns(void *ctx)
{
    ((world *)ctx)->net.black_hole = false;
}

static void nothing_arrives(world *w)
{
    w->net.black_hole = true;
    sim_after(&w->net.s, sim_between(&w->net.s, 10, 15000) * SIM_MS, w, light_returns, w);
}

/* --- another master --------------------------------------------------------------------- */

/* The old one learns of it: writes are refused, its connections end. */
static void old_master_learns(void *ctx)
{
    world *w = ctx;
    for (unsigned i = 0; i < MODEL_SERVERS && !w->net.by_cluster; i++) {
        model_server *m = &w->net.server[i];
        if (i == w->net.master || m->replica)
            continue;
        m->replica = true;
        model_net_cut_server(&w->net, m);
    }
    w->net.believed = w->net.master;
}

/* A replica that lags is promoted; for a while the old master still takes writes. */
static void failover(world *w)
{
    sim *s = &w->net.s;
    const model_server *old = master(w);
    w->net.master = (w->net.master + 1) % MODEL_SERVERS;
    model_server *new = master(w);
    model_net_cut_server(&w->net, new);
    model_server_copy(old, new, sim_chance(s, 60) ? 0 : sim_roll(s, 60));
    new->life++;
    new->replica = new->down = false;
    new->error = NULL;
    if (sim_chance(s, 70))
        w->net.believed = w->net.master;
    sim_after(s, sim_between(s, 0, 1500) * SIM_MS, w, old_master_learns, w);
}

/* The lanes' slot, keys and all, goes to another node. */
static void slot_moves(world *w)
{
    model_server *old = master(w);
    w->net.master = (w->net.master + 1) % MODEL_SERVERS;
    model_server *new = master(w);
    model_server_copy(old, new, 0);
    new->replica = new->down = false;
    new->error = NULL;
    new->moved_to = 0;
    for (unsigned i = 0; i < MODEL_SERVERS; i++)
        if (i != w->net.master)
            w->net.server[i].moved_to = new->port;
}

static const struct {
    const char *name;
    void (*strike)(world *w);
    reach reach;
} troubles[] = {
    { "sigkill", sigkill, ALONE },
    { "power_loss", power_loss, ALONE },
    { "power_loss_while_writing", power_loss_while_writing, ALONE },
    { "disk_is_full", disk_is_full, EVERYWHERE },
    { "clock_is_set", clock_is_set, EVERYWHERE },
    { "rows_go_early", rows_go_early, ALONE },
    { "safe_rows_go", safe_rows_go, EVERYWHERE },
    { "a_twin_comes", a_twin_comes, TWINS },
    { "server_is_killed", server_is_killed, EVERYWHERE },
    { "server_loses_power", server_loses_power, ALONE },
    { "server_is_stopped", server_is_stopped, EVERYWHERE },
    { "server_refuses", server_refuses, EVERYWHERE },
    { "everything_is_flushed", everything_is_flushed, ALONE },
    { "fence_is_deleted", fence_is_deleted, ALONE },
    { "scripts_are_flushed", scripts_are_flushed, EVERYWHERE },
    { "connections_are_cut", connections_are_cut, EVERYWHERE },
    { "nothing_arrives", nothing_arrives, EVERYWHERE },
    { "failover", failover, SENTINEL },
    { "slot_moves", slot_moves, CLUSTER },
};

static bool can_strike(const world *w, reach where)
{
    if (where == ALONE || where == TWINS)
        return w->twins == (where == TWINS);
    if (where == SENTINEL)
        return !w->net.by_cluster && !w->twins;
    return where == EVERYWHERE || w->net.by_cluster;
}

const char *world_trouble_name(unsigned row)
{
    return row < WD_COUNT(troubles) ? troubles[row].name : NULL;
}

void world_trouble(world *w)
{
    size_t row = sim_roll(&w->net.s, WD_COUNT(troubles));
    if (!can_strike(w, troubles[row].reach))
        return;
    SIM_TRACE(&w->net.s, "* %s", troubles[row].name);
    w->done |= (uint64_t)1 << row;
    troubles[row].strike(w);
}

void world_heal(world *w)
{
    torn_disk_fail(0, 0, false);
    old_master_learns(w);
    w->net.black_hole = false;
    model_net_cut(&w->net); /* what was sent into the hole */
    for (unsigned i = 0; i < MODEL_SERVERS; i++) {
        model_server *m = &w->net.server[i];
        m->down = false;
        m->error = NULL;
        m->busy_until = 0;
    }
    come_back(alive(w));
}
