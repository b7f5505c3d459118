/*
 * tests/faults/sim/sim.c - a heap of events, and the few functions of libuv that the
 * publisher uses, made of it.
 */
#include "tests/faults/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES ((size_t)256 << 20)
#define WALL_START  INT64_C(1767225600000) /* a day in 2026; only differences matter */

/* The names that the linker's --wrap gives, which a program may not give itself. */
uint64_t true_random64(void) __asm__("__real_wd_random64");
uint64_t played_random64(void) __asm__("__wrap_wd_random64");

/* The one random source of the code under test has no context: the seed that runs now. */
static uint64_t *dice_in_use;

static uint64_t next_number(uint64_t *dice)
{
    uint64_t z = *dice += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t played_random64(void)
{
    return dice_in_use != NULL ? next_number(dice_in_use) : true_random64();
}

uint64_t sim_roll(sim *s, uint64_t below)
{
    return below > 1 ? next_number(&s->dice) % below : 0;
}

int64_t sim_between(sim *s, int64_t from, int64_t to)
{
    return from + (int64_t)sim_roll(s, (uint64_t)(to - from + 1));
}

bool sim_chance(sim *s, unsigned percent)
{
    return sim_roll(s, 100) < percent;
}

/* --- the heap ------------------------------------------------------------- */

static bool earlier(const sim_event *a, const sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(sim *s, size_t a, size_t b)
{
    sim_event other = s->heap[a];
    s->heap[a] = s->heap[b];
    s->heap[b] = other;
}

void sim_after(sim *s, int64_t us, const void *owner, void (*run)(void *ctx), void *ctx)
{
    if (s->n == s->room) {
        s->room = s->room ? 2 * s->room : 64;
        s->heap = realloc(s->heap, s->room * sizeof(*s->heap));
        if (s->heap == NULL)
            abort();
    }
    size_t at = s->n++;
    s->heap[at] = (sim_event){ s->now + (us > 0 ? us : 0), s->orders++, run, ctx, owner };
    for (; at > 0 && earlier(&s->heap[at], &s->heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(s, at, (at - 1) / 2);
}

static sim_event pop(sim *s)
{
    sim_event first = s->heap[0];
    s->heap[0] = s->heap[--s->n];
    for (size_t at = 0;;) {
        size_t least = at, left = 2 * at + 1;
        for (size_t child = left; child < s->n && child < left + 2; child++)
            if (earlier(&s->heap[child], &s->heap[least]))
                least = child;
        if (least == at)
            return first;
        swap(s, at, least);
        at = least;
    }
}

void sim_forget(sim *s, const void *owner)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->heap[i].owner == owner)
            s->heap[i].owner = NULL;
}

bool sim_step(sim *s)
{
    while (s->n > 0) {
        sim_event e = pop(s);
        if (e.owner == NULL)
            continue;
        s->now = e.at;
        e.run(e.ctx);
        return true;
    }
    return false;
}

void *sim_alloc(sim *s, size_t n)
{
    void *p = wd_arena_zalloc(s->arena, n);
    if (p == NULL)
        abort(); /* a seed needs some MB at most */
    return p;
}

wd_span sim_copy(sim *s, wd_span text)
{
    wd_span copy = wd_arena_copy(s->arena, text);
    if (text.ptr != NULL && copy.ptr == NULL)
        abort();
    return copy;
}

/* --- clocks ----------------------------------------------------------------- */

static int64_t wall_ms(void *ctx)
{
    const sim *s = ctx;
    return WALL_START + s->wall_step + s->now / SIM_MS;
}

static int64_t boot_ms(void *ctx)
{
    return ((const sim *)ctx)->now / SIM_MS;
}

void sim_init(sim *s, uint64_t seed)
{
    *s = (sim){ .dice = seed * UINT64_C(0xd1342543de82ef95) + 1,
                .clock = { wall_ms, boot_ms, s },
                .arena = wd_arena_new(ARENA_BYTES) };
    s->loop.data = s;
    dice_in_use = &s->dice;
}

void sim_done(sim *s)
{
    dice_in_use = NULL;
    wd_arena_free(s->arena);
    free(s->heap);
}

/* --- libuv, as far as the publisher knows it -------------------------------------- */

static sim *sim_of(const uv_loop_t *loop)
{
    return loop->data;
}

int uv_timer_init(uv_loop_t *loop, uv_timer_t *timer)
{
    memset(timer, 0, sizeof(*timer));
    timer->loop = loop;
    return 0;
}

static void timer_due(void *ctx)
{
    uv_timer_t *timer = ctx;
    if (timer->repeat > 0)
        sim_after(sim_of(timer->loop), (int64_t)timer->repeat * SIM_MS, timer, timer_due, timer);
    timer->timer_cb(timer);
}

int uv_timer_start(uv_timer_t *timer, uv_timer_cb run, uint64_t timeout, uint64_t repeat)
{
    uv_timer_stop(timer);
    timer->timer_cb = run;
    timer->repeat = repeat;
    sim_after(sim_of(timer->loop), (int64_t)timeout * SIM_MS, timer, timer_due, timer);
    return 0;
}

int uv_timer_stop(uv_timer_t *timer)
{
    sim_forget(sim_of(timer->loop), timer);
    return 0;
}

static void handle_closed(void *ctx)
{
    uv_handle_t *handle = ctx;
    handle->close_cb(handle);
}

void uv_close(uv_handle_t *handle, uv_close_cb closed)
{
    sim *s = sim_of(handle->loop);
    sim_forget(s, handle);
    handle->close_cb = closed;
    if (closed != NULL)
        sim_after(s, 0, handle, handle_closed, handle);
}
