/*
 * core/arena.h - memory of one poll: many small pieces, one free.
 *
 * Thread: one at a time; an arena is handed on with the job that owns it.
 * Errors: sticky.  Over the byte budget, or out of memory, every call returns
 *         NULL and wd_arena_status() says which; callers may check at the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/span.h"
#include "core/status.h"

typedef struct wd_arena wd_arena;

/* `budget` counts the bytes handed out, alignment included. */
WD_MUST_USE wd_arena *wd_arena_new(size_t budget);
void wd_arena_free(wd_arena *a);

/* Gives everything back but keeps the first block: for reuse over many documents. */
void wd_arena_reset(wd_arena *a);

/* 16-byte aligned, not cleared / cleared. */
void *wd_arena_alloc(wd_arena *a, size_t n);
void *wd_arena_zalloc(wd_arena *a, size_t n);

/* A NUL-terminated copy; the span does not count the NUL.  Absent stays absent. */
wd_span wd_arena_copy(wd_arena *a, wd_span s);

/* Takes over a block from malloc, of which `n` bytes count; it is freed with the arena.  False,
 * and the block still the caller's, when that is over the budget or out of memory. */
WD_MUST_USE bool wd_arena_adopt(wd_arena *a, void *block, size_t n);

/* Gives back the tail of the newest allocation: `p` shrinks from `was` to `now`
 * bytes.  A no-op when something was allocated since. */
void wd_arena_trim(wd_arena *a, void *p, size_t was, size_t now);

size_t wd_arena_used(const wd_arena *a);
wd_status wd_arena_status(const wd_arena *a);
