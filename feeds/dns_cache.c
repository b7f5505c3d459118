/* feeds/dns_cache.c - a table of names, and a list of them by age. */
#include "feeds/dns_cache.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/list.h"

#define NAMES_A_BUCKET 2

struct name {
    wd_link age; /* in wd_dns_cache.by_age, the oldest first */
    struct name *next;
    uint64_t hash;
    int64_t put_ms;
    wd_dns_answer answer;
    size_t len;
    char text[];
};

struct wd_dns_cache {
    struct name **buckets;
    size_t n_buckets, n, most;
    wd_link by_age;
};

static wd_span lowered(wd_span name, char out[WD_DNS_NAME_BYTES])
{
    name = wd_span_head(name, WD_DNS_NAME_BYTES);
    for (size_t i = 0; i < name.len; i++)
        out[i] = wd_lower(name.ptr[i]);
    return (wd_span){ out, name.len };
}

static struct name **place_of(const wd_dns_cache *c, wd_span name, uint64_t hash)
{
    struct name **at = &c->buckets[hash & (c->n_buckets - 1)];
    while (*at != NULL &&
           ((*at)->hash != hash || !wd_span_eq((wd_span){ (*at)->text, (*at)->len }, name)))
        at = &(*at)->next;
    return at;
}

static void drop(wd_dns_cache *c, struct name **at)
{
    struct name *n = *at;
    if (n == NULL)
        return;
    *at = n->next;
    wd_list_remove(&n->age);
    free(n);
    c->n--;
}

static void drop_oldest(wd_dns_cache *c)
{
    struct name *n = wd_owner(c->by_age.next, struct name, age);
    drop(c, place_of(c, (wd_span){ n->text, n->len }, n->hash));
}

static int64_t life_ms(const wd_dns_answer *a)
{
    if (a->n > 0)
        return WD_DNS_FOUND_MS;
    return a->absent ? WD_DNS_ABSENT_MS : WD_DNS_FAILED_MS;
}

/* Nobody lives longer than what was found. */
static void sweep(wd_dns_cache *c, int64_t now_ms)
{
    while (c->n > 0) {
        const struct name *oldest = wd_owner(c->by_age.next, struct name, age);
        if (c->n < c->most && now_ms - oldest->put_ms < WD_DNS_FOUND_MS)
            return;
        drop_oldest(c);
    }
}

/* --- interface ---------------------------------------------------------------------- */

wd_dns_cache *wd_dns_cache_new(size_t most)
{
    wd_dns_cache *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return NULL;
    c->most = most;
    for (c->n_buckets = 1; c->n_buckets * NAMES_A_BUCKET < most;)
        c->n_buckets *= 2;
    wd_list_init(&c->by_age);
    c->buckets = calloc(c->n_buckets, sizeof(struct name *));
    if (c->buckets != NULL)
        return c;
    free(c);
    return NULL;
}

void wd_dns_cache_free(wd_dns_cache *c)
{
    if (c == NULL)
        return;
    while (c->n > 0)
        drop_oldest(c);
    free(c->buckets);
    free(c);
}

const wd_dns_answer *wd_dns_cache_find(const wd_dns_cache *c, wd_span name, int64_t now_ms)
{
    char text[WD_DNS_NAME_BYTES];
    name = lowered(name, text);
    const struct name *n = *place_of(c, name, wd_hash64(name, 0));
    return n != NULL && now_ms - n->put_ms < life_ms(&n->answer) ? &n->answer : NULL;
}

void wd_dns_cache_put(wd_dns_cache *c, wd_span name, const wd_dns_answer *answer, int64_t now_ms)
{
    char text[WD_DNS_NAME_BYTES];
    wd_dns_cache_forget(c, name);
    sweep(c, now_ms);
    name = lowered(name, text);
    struct name *n = malloc(sizeof(*n) + name.len);
    if (n == NULL)
        return;
    *n = (struct name){
        .hash = wd_hash64(name, 0), .put_ms = now_ms, .answer = *answer, .len = name.len
    };
    memcpy(n->text, name.ptr, name.len);
    struct name **at = place_of(c, name, n->hash);
    n->next = *at;
    *at = n;
    wd_list_push(&c->by_age, &n->age);
    c->n++;
}

void wd_dns_cache_forget(wd_dns_cache *c, wd_span name)
{
    char text[WD_DNS_NAME_BYTES];
    name = lowered(name, text);
    drop(c, place_of(c, name, wd_hash64(name, 0)));
}

size_t wd_dns_cache_count(const wd_dns_cache *c)
{
    return c->n;
}
