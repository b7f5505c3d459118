/*
 * daemon/mailbox.h - a queue between two threads: put in order, taken all at once.
 *
 * Thread: any.  The bound is kept by the sender, who knows what is in flight.
 *
 * To wake a thread costs both sides more than a letter does (a futex call and a switch each): so
 * a letter that can wait is left for a reader who rests, who will look in a moment anyway.
 */
#pragma once

#include <stdbool.h>

#include <uv.h>

#include "core/list.h"

typedef struct wd_mailbox {
    uv_mutex_t lock;
    uv_cond_t changed;
    wd_link letters;
    bool rests; /* the reader looks again by itself, soon */
} wd_mailbox;

static inline void wd_mailbox_init(wd_mailbox *m)
{
    uv_mutex_init(&m->lock);
    uv_cond_init(&m->changed);
    wd_list_init(&m->letters);
    m->rests = false;
}

static inline void wd_mailbox_done(wd_mailbox *m)
{
    uv_cond_destroy(&m->changed);
    uv_mutex_destroy(&m->lock);
}

static inline void wd_mailbox_put(wd_mailbox *m, wd_link *letter)
{
    uv_mutex_lock(&m->lock);
    wd_list_push(&m->letters, letter);
    uv_cond_signal(&m->changed);
    uv_mutex_unlock(&m->lock);
}

/* As put, but a reader who rests is not woken. */
static inline void wd_mailbox_leave(wd_mailbox *m, wd_link *letter)
{
    uv_mutex_lock(&m->lock);
    wd_list_push(&m->letters, letter);
    if (!m->rests)
        uv_cond_signal(&m->changed);
    uv_mutex_unlock(&m->lock);
}

/* Moves everything into `into` (an initialised, empty list).  Waits up to wait_ms
 * for a first letter; 0 does not wait. */
static inline void wd_mailbox_take(wd_mailbox *m, wd_link *into, uint64_t wait_ms)
{
    uv_mutex_lock(&m->lock);
    if (wd_list_empty(&m->letters) && wait_ms > 0)
        uv_cond_timedwait(&m->changed, &m->lock, wait_ms * 1000000);
    while (!wd_list_empty(&m->letters))
        wd_list_push(into, wd_list_pop(&m->letters));
    uv_mutex_unlock(&m->lock);
}

/* As take, by a reader who has something to do in wait_ms whatever is left meanwhile. */
static inline void wd_mailbox_rest(wd_mailbox *m, wd_link *into, uint64_t wait_ms)
{
    uv_mutex_lock(&m->lock);
    m->rests = true;
    uv_mutex_unlock(&m->lock);
    wd_mailbox_take(m, into, wait_ms);
    uv_mutex_lock(&m->lock);
    m->rests = false;
    uv_mutex_unlock(&m->lock);
}
