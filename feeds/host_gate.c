/* feeds/host_gate.c - hosts and their registrable domains, both gates of one kind.
 *
 * A gate is passed when fewer than `most` are inside and its pause is over.  Who comes too
 * early books the next free moment, so that a thousand feeds of one host wake one after
 * another and not all at each; who finds the gate full waits in a line, and each one that
 * leaves wakes one. */
#include "feeds/host_gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpsl.h>

#include "core/arena.h"
#include "core/ascii.h"
#include "core/clock.h"
#include "core/hash.h"
#include "core/url.h"
#include "feeds/address_guard.h"
#include "feeds/idn.h"

#define HOST_MOST          1
#define HOST_PAUSE_MS      (2 * WD_SECOND_MS)
#define HOST_LATENCIES     2 /* a slow host gets twice its own time to breathe */
#define DOMAIN_MOST        4
#define DOMAIN_PAUSE_MS    500
#define PRIVATE_MOST       16 /* a machine of the operator's own: no pause, but no flood */
#define THROTTLE_LEAST_MS  (15 * WD_MINUTE_MS)
#define THROTTLE_DOUBLINGS 6 /* 16 hours */
#define RETRY_LEAST_MS     WD_MINUTE_MS
#define RETRY_MOST_MS      WD_DAY_MS
#define FIRST_BUCKETS      64
#define HOST_NAME_BYTES    255 /* RFC 1035; longer ones are cut, which only shares a gate */
#define RULES_BYTES        (1024 * 1024)

struct wd_gate_host {
    wd_gate_host *next;   /* in its bucket */
    wd_gate_host *domain; /* or its rule's gate; NULL for a domain, and for a private host */
    uint64_t hash;
    wd_link waiting;
    uint32_t seats, inside, most;
    int64_t pause_ms;
    int64_t open_ms;         /* not before */
    int64_t booked_ms;       /* the first moment nobody has booked */
    int64_t closed_until_ms; /* after a 429 */
    uint32_t throttled;      /* 429s in a row */
    bool is_private;
    bool ruled; /* the operator's rule is all that counts */
    size_t len;
    char name[];
};

struct table {
    wd_gate_host **buckets;
    size_t n, cap;
};

struct wd_host_gate {
    struct table hosts, domains;
    wd_arena *rules_arena; /* NULL: no rules */
    const wd_host_rule *rules;
    size_t n_rules;
    wd_gate_woken woken;
    void *ctx;
};

/* --- tables --------------------------------------------------------------------- */

static wd_status grow(struct table *t)
{
    size_t cap = t->cap ? 2 * t->cap : FIRST_BUCKETS;
    if (t->n < t->cap)
        return WD_OK;
    wd_gate_host **buckets = calloc(cap, sizeof(wd_gate_host *));
    if (buckets == NULL)
        return WD_NOMEM;
    for (size_t i = 0; i < t->cap; i++)
        for (wd_gate_host *h = t->buckets[i], *next; h != NULL; h = next) {
            next = h->next;
            h->next = buckets[h->hash & (cap - 1)];
            buckets[h->hash & (cap - 1)] = h;
        }
    free(t->buckets);
    t->buckets = buckets;
    t->cap = cap;
    return WD_OK;
}

/* The gate of that name, made when there is none; one seat more.  NULL: no memory. */
static wd_gate_host *table_take(struct table *t, wd_span name)
{
    uint64_t hash = wd_hash64(name, 0);
    if (grow(t) != WD_OK)
        return NULL;
    wd_gate_host **bucket = &t->buckets[hash & (t->cap - 1)];
    for (wd_gate_host *h = *bucket; h != NULL; h = h->next)
        if (h->hash == hash && wd_span_eq((wd_span){ h->name, h->len }, name)) {
            h->seats++;
            return h;
        }
    wd_gate_host *h = calloc(1, sizeof(*h) + name.len + 1);
    if (h == NULL)
        return NULL;
    h->hash = hash;
    h->seats = 1;
    h->len = name.len;
    memcpy(h->name, name.ptr, name.len);
    wd_list_init(&h->waiting);
    h->next = *bucket;
    *bucket = h;
    t->n++;
    return h;
}

static void table_drop(struct table *t, wd_gate_host *h)
{
    if (h == NULL || --h->seats > 0)
        return;
    wd_gate_host **at = &t->buckets[h->hash & (t->cap - 1)];
    while (*at != h)
        at = &(*at)->next;
    *at = h->next;
    t->n--;
    free(h);
}

static void table_done(struct table *t)
{
    for (size_t i = 0; i < t->cap; i++)
        for (wd_gate_host *h = t->buckets[i], *next; h != NULL; h = next) {
            next = h->next;
            free(h);
        }
    free(t->buckets);
}

/* --- names ----------------------------------------------------------------------- */

/* As DNS has it: two spellings of one host have one gate. */
static wd_span host_of(wd_span url, char out[HOST_NAME_BYTES + 1])
{
    wd_url_parts p;
    wd_url_split(wd_span_trim(url), &p);
    wd_span host = wd_span_head(p.host, HOST_NAME_BYTES);
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = (wd_span){ host.ptr + 1, host.len - 2 };
    while (host.len > 1 && host.ptr[host.len - 1] == '.')
        host.len--;
    host = wd_idn_host_into(host, out, HOST_NAME_BYTES + 1);
    for (size_t i = 0; i < host.len; i++)
        out[i] = wd_lower(out[i]);
    return host;
}

static bool is_private_literal(wd_span host)
{
    struct sockaddr_storage a;
    return wd_address_parse(host, &a) && !wd_address_is_public((const struct sockaddr *)&a);
}

static wd_span domain_of(wd_span host)
{
    const char *domain = psl_registrable_domain(psl_builtin(), host.ptr);
    return domain ? wd_span_of(domain) : host; /* an address, or a bare suffix */
}

/* Allowed and not public: no pause, and its domain says nothing of it. */
static void be_private(wd_gate_host *h)
{
    h->is_private = true;
    if (h->ruled)
        return;
    h->most = PRIVATE_MOST;
    h->pause_ms = 0;
}

static void limit(wd_gate_host *h, uint32_t most, int64_t pause_ms)
{
    h->most = most;
    h->pause_ms = pause_ms;
}

/* Those that match a rule share its gate, which cannot be taken for a domain's. */
static wd_gate_host *rule_gate(wd_host_gate *gate, const wd_host_rule *rule)
{
    char name[HOST_NAME_BYTES + 2];
    int n = snprintf(name, sizeof(name), "=%s", rule->pattern);
    size_t len = (size_t)n < sizeof(name) ? (size_t)n : sizeof(name) - 1;
    wd_gate_host *d = table_take(&gate->domains, (wd_span){ name, len });
    if (d != NULL)
        limit(d, (uint32_t)rule->parallel, rule->gap_ms);
    return d;
}

/* Which limits hold for a host: a rule's, none but a ceiling for a private one, or the
 * built-in ones with its domain's.  False: no memory. */
static bool place(wd_host_gate *gate, wd_gate_host *h, wd_gate_host **domain)
{
    wd_span host = { h->name, h->len };
    const wd_host_rule *rule = wd_host_rule_find(gate->rules, gate->n_rules, host);
    *domain = NULL;
    h->ruled = rule != NULL;
    if (rule != NULL) {
        limit(h, (uint32_t)rule->parallel, 0);
        *domain = rule_gate(gate, rule);
        return *domain != NULL;
    }
    if (h->is_private || is_private_literal(host)) {
        be_private(h);
        return true;
    }
    limit(h, HOST_MOST, HOST_PAUSE_MS);
    *domain = table_take(&gate->domains, domain_of(host));
    if (*domain != NULL)
        limit(*domain, DOMAIN_MOST, DOMAIN_PAUSE_MS);
    return *domain != NULL;
}

/* --- passing ------------------------------------------------------------------------ */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static wd_gate_answer try_gate(wd_gate_host *h, wd_gate_seat *seat, int64_t now_ms, int64_t *at_ms)
{
    if (h->inside >= h->most) {
        wd_list_push(&h->waiting, &seat->waiting);
        return WD_GATE_WAIT;
    }
    if (now_ms >= h->open_ms)
        return WD_GATE_GO;
    *at_ms = later(h->open_ms, h->booked_ms);
    h->booked_ms = *at_ms + h->pause_ms;
    return WD_GATE_AT;
}

static void wake_first(wd_host_gate *gate, wd_gate_host *h)
{
    wd_gate_seat *seat = wd_owner(wd_list_pop(&h->waiting), wd_gate_seat, waiting);
    if (seat->woken != NULL)
        seat->woken(seat);
    else
        gate->woken(gate->ctx, seat);
}

static void wake_one(wd_host_gate *gate, wd_gate_host *h)
{
    if (h == NULL || h->inside >= h->most || wd_list_empty(&h->waiting))
        return;
    wake_first(gate, h);
}

static void close_until(wd_gate_host *h, int64_t until_ms)
{
    h->closed_until_ms = until_ms;
    h->open_ms = later(h->open_ms, until_ms);
}

/* Rule 7: the host is left alone; the second throttled host of a domain closes it all. */
static int64_t throttle(wd_gate_host *h, const wd_gate_result *r, int64_t now_ms)
{
    uint32_t doublings = h->throttled < THROTTLE_DOUBLINGS ? h->throttled : THROTTLE_DOUBLINGS;
    int64_t wait = THROTTLE_LEAST_MS << doublings;
    if (h->is_private)
        wait = RETRY_LEAST_MS << doublings;
    if (r->retry_after_ms > wait)
        wait = r->retry_after_ms < RETRY_MOST_MS ? r->retry_after_ms : RETRY_MOST_MS;
    h->throttled++;
    wd_gate_host *d = h->domain;
    if (d != NULL && d->seats > 1 && d->throttled > 0 && h->throttled == 1)
        close_until(d, now_ms + wait);
    if (d != NULL && h->throttled == 1)
        d->throttled++;
    close_until(h, now_ms + wait);
    return wait;
}

static void forgive(wd_gate_host *h)
{
    if (h->throttled > 0 && h->domain != NULL && h->domain->throttled > 0)
        h->domain->throttled--;
    h->throttled = 0;
}

/* --- interface ------------------------------------------------------------------------- */

wd_status wd_host_gate_open(wd_host_gate **out, wd_gate_woken woken, void *ctx)
{
    wd_host_gate *gate = calloc(1, sizeof(*gate));
    if (gate == NULL)
        return WD_NOMEM;
    gate->woken = woken;
    gate->ctx = ctx;
    *out = gate;
    return WD_OK;
}

void wd_host_gate_close(wd_host_gate **gate)
{
    if (*gate == NULL)
        return;
    table_done(&(*gate)->hosts);
    table_done(&(*gate)->domains);
    wd_arena_free((*gate)->rules_arena);
    free(*gate);
    *gate = NULL;
}

static wd_host_rule *copy_rules(wd_arena *arena, const wd_host_rule *rules, size_t n)
{
    wd_host_rule *copy = arena ? wd_arena_zalloc(arena, (n + 1) * sizeof(*copy)) : NULL;
    for (size_t i = 0; copy != NULL && i < n; i++) {
        copy[i] = rules[i];
        copy[i].pattern = wd_arena_copy(arena, wd_span_of(rules[i].pattern)).ptr;
        if (copy[i].pattern == NULL)
            return NULL;
    }
    return copy;
}

static void wake_all(wd_host_gate *gate, wd_gate_host *h)
{
    while (h != NULL && !wd_list_empty(&h->waiting))
        wake_first(gate, h);
}

/* Without memory the host keeps the domain it had, with what is inside it. */
static void place_anew(wd_host_gate *gate, wd_gate_host *h)
{
    wd_gate_host *old = h->domain, *fresh = NULL;
    wake_all(gate, h);
    wake_all(gate, old);
    if (!place(gate, h, &fresh) || fresh == old) {
        table_drop(&gate->domains, fresh);
        return;
    }
    if (old != NULL)
        old->inside -= h->inside;
    if (fresh != NULL)
        fresh->inside += h->inside;
    h->domain = fresh;
    table_drop(&gate->domains, old);
}

wd_status wd_host_gate_set_rules(wd_host_gate *gate, const wd_host_rule *rules, size_t n)
{
    wd_arena *arena = wd_arena_new(RULES_BYTES);
    wd_host_rule *copy = copy_rules(arena, rules, n);
    if (copy == NULL) {
        wd_arena_free(arena);
        return WD_NOMEM;
    }
    wd_arena_free(gate->rules_arena);
    gate->rules_arena = arena;
    gate->rules = copy;
    gate->n_rules = n;
    for (size_t i = 0; i < gate->hosts.cap; i++)
        for (wd_gate_host *h = gate->hosts.buckets[i]; h != NULL; h = h->next)
            place_anew(gate, h);
    return WD_OK;
}

wd_status wd_host_gate_sit(wd_host_gate *gate, wd_gate_seat *seat, wd_span url)
{
    char name[HOST_NAME_BYTES + 1];
    wd_span host = host_of(url, name);
    wd_gate_host *h = table_take(&gate->hosts, host);
    if (h == NULL)
        return WD_NOMEM;
    if (h->most == 0 && !place(gate, h, &h->domain)) { /* just made */
        table_drop(&gate->hosts, h);
        return WD_NOMEM;
    }
    wd_list_init(&seat->waiting);
    seat->host = h;
    return WD_OK;
}

void wd_host_gate_leave(wd_host_gate *gate, wd_gate_seat *seat)
{
    wd_gate_host *h = seat->host;
    if (h == NULL)
        return;
    wd_list_remove(&seat->waiting);
    seat->host = NULL;
    wake_one(gate, h); /* it may have been this one's turn */
    wake_one(gate, h->domain);
    wd_gate_host *domain = h->seats == 1 ? h->domain : NULL;
    table_drop(&gate->hosts, h);
    table_drop(&gate->domains, domain);
}

void wd_host_gate_stand_back(wd_host_gate *gate, wd_gate_seat *seat)
{
    wd_list_remove(&seat->waiting);
    wake_one(gate, seat->host);
    wake_one(gate, seat->host->domain);
}

wd_gate_answer wd_host_gate_ask(wd_host_gate *gate,
                                wd_gate_seat *seat,
                                int64_t now_ms,
                                int64_t *at_ms)
{
    (void)gate;
    wd_gate_host *h = seat->host, *d = h->is_private && !h->ruled ? NULL : h->domain;
    wd_list_remove(&seat->waiting);
    wd_gate_answer answer = try_gate(h, seat, now_ms, at_ms);
    if (answer == WD_GATE_GO && d != NULL)
        answer = try_gate(d, seat, now_ms, at_ms);
    if (answer != WD_GATE_GO)
        return answer;
    h->inside++;
    if (h->domain != NULL)
        h->domain->inside++;
    if (d != NULL)
        d->open_ms = later(d->open_ms, now_ms + d->pause_ms);
    return WD_GATE_GO;
}

void wd_host_gate_begun(wd_gate_seat *seat)
{
    seat->host->inside++;
    if (seat->host->domain != NULL)
        seat->host->domain->inside++;
}

void wd_host_gate_undo(wd_host_gate *gate, wd_gate_seat *seat)
{
    wd_gate_host *h = seat->host;
    h->inside--;
    if (h->domain != NULL)
        h->domain->inside--;
    wake_one(gate, h);
    wake_one(gate, h->domain);
}

bool wd_host_gate_share(const wd_gate_seat *a, const wd_gate_seat *b)
{
    return a->host == b->host || (a->host->domain != NULL && a->host->domain == b->host->domain);
}

bool wd_host_gate_is_of(const wd_gate_seat *seat, wd_span url)
{
    char name[HOST_NAME_BYTES + 1];
    return wd_span_eq(host_of(url, name), (wd_span){ seat->host->name, seat->host->len });
}

int64_t wd_host_gate_done(wd_host_gate *gate,
                          wd_gate_seat *seat,
                          const wd_gate_result *result,
                          int64_t now_ms)
{
    wd_gate_host *h = seat->host;
    int64_t left_alone = 0;
    h->inside--;
    if (h->domain != NULL)
        h->domain->inside--;
    if (result->private_address && !h->is_private)
        be_private(h);
    if (!h->is_private && !h->ruled)
        h->open_ms =
            later(h->open_ms, now_ms + later(h->pause_ms, HOST_LATENCIES * result->latency_ms));
    if (result->reason == WD_REASON_HTTP_429)
        left_alone = throttle(h, result, now_ms);
    else if (result->reason == WD_REASON_NONE)
        forgive(h);
    wake_one(gate, h);
    wake_one(gate, h->domain);
    return left_alone;
}

bool wd_host_gate_has_company(const wd_gate_seat *seat, int64_t now_ms)
{
    const wd_gate_host *h = seat->host;
    return !wd_list_empty(&h->waiting) || h->booked_ms > now_ms;
}

uint32_t wd_host_gate_throttled(const wd_gate_seat *seat)
{
    return seat->host->throttled;
}

bool wd_host_gate_is_last(const wd_gate_seat *seat)
{
    return seat->host != NULL && seat->host->seats == 1;
}

wd_span wd_host_gate_name(const wd_gate_seat *seat)
{
    return seat->host ? (wd_span){ seat->host->name, seat->host->len } : WD_SPAN_LIT("");
}
