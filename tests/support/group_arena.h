/* tests/support/group_arena.h - one arena for a group of tests: what is in it stays to the end. */
#pragma once

#include "core/arena.h"

/* Enough for what a table of rows makes. */
#define GROUP_ARENA_BYTES ((size_t)1 << 20)

static wd_arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = wd_arena_new(GROUP_ARENA_BYTES);
    return arena ? 0 : -1;
}

static int close_arena(void **state)
{
    (void)state;
    wd_arena_free(arena);
    return 0;
}
