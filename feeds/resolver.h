/*
 * feeds/resolver.h - host names to addresses, off the loop: 32 lookups at once at most,
 * one for all who ask for the same name, and remembered (feeds/dns_cache.h).
 *
 * Thread:   called on the loop thread; lookups block on threads of their own, which come
 *           when they are needed and go when they are not.
 * Callback: done runs later, from the loop, never inside wd_resolver_ask().
 * Owner:    the caller owns its wd_lookup until done has run or it was canceled.
 * Why not libcurl's: one thread is made for each lookup, without a ceiling, and a stuck one
 *           holds up whoever cleans up its handle.
 */
#pragma once

#include <uv.h>

#include "core/list.h"
#include "feeds/dns_cache.h"

#define WD_RESOLVER_THREADS 32

typedef struct wd_resolver wd_resolver;
typedef struct wd_lookup wd_lookup;

/* `answer` is borrowed; NULL: there was none in time. */
typedef void (*wd_lookup_done)(wd_lookup *l, const wd_dns_answer *answer);

struct wd_lookup { /* zeroed: waits for nothing */
    wd_link link;
    void *job;
    int64_t until_ms;
    wd_lookup_done done;
};

typedef struct wd_resolver_spec {
    uv_loop_t *loop;
    /* Blocks, on any thread, until the lookup has ended.  NULL: the system's getaddrinfo. */
    void (*look)(void *ctx, const char *name, wd_dns_answer *out);
    void *ctx;
} wd_resolver_spec;

WD_MUST_USE wd_status wd_resolver_open(wd_resolver **out, const wd_resolver_spec *spec);

/* The answer when it is known; else NULL, and done will be called within `wait_ms`. */
const wd_dns_answer *wd_resolver_ask(
    wd_resolver *r, wd_span name, int64_t wait_ms, wd_lookup *l, wd_lookup_done done);

/* Waits no longer; one that does not wait may be given. */
void wd_resolver_cancel(wd_resolver *r, wd_lookup *l);

/* What was found did not work. */
void wd_resolver_forget(wd_resolver *r, wd_span name);

/* Nobody may wait any more; what still runs is left behind.  Sets *r to NULL. */
void wd_resolver_close(wd_resolver **r);
