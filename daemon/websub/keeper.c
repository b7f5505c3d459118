/* daemon/websub/keeper.c - each subscription is looked at when its own next time comes.
 *
 * Times are wall time, as leases are; the timer never sleeps over a minute, so that a set clock
 * is noticed. */
#include "daemon/websub/keeper.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/url.h"
#include "daemon/websub/keeper_impl.h"
#include "feeds/address_guard.h"

#define LONGEST_SLEEP_MS WD_MINUTE_MS
#define LOOKS_A_TURN     64 /* then the loop sees to others */

/* A new subscription waits for so long at most: feeds found together do not ask together. */
#define FIRST_WITHIN_MS (30 * WD_SECOND_MS)

/* When a delivery came: to the minute is enough for who looks, and a row now and then only. */
#define STORE_EVERY_MS WD_MINUTE_MS

static void due(uv_timer_t *timer);

/* --- when -------------------------------------------------------------------------- */

static void sleep_until_first(wd_websub_keeper *k)
{
    const wd_due *first = wd_due_heap_first(&k->heap);
    if (k->closing)
        return;
    int64_t wait = first != NULL ? first->at_ms - wd_keeper_now(k) : LONGEST_SLEEP_MS;
    wait = wait < 0 ? 0 : wait > LONGEST_SLEEP_MS ? LONGEST_SLEEP_MS : wait;
    uv_update_time(k->spec.loop);
    uv_timer_start(&k->timer, due, (uint64_t)wait, 0);
}

void wd_keeper_arm_at(wd_websub_keeper *k, wd_subscriber *s, int64_t at_ms)
{
    wd_status status = wd_due_heap_put(&k->heap, &s->due, at_ms);
    (void)status; /* without memory it sleeps until a poll of its feed brings it up */
    sleep_until_first(k);
}

void wd_keeper_arm(wd_websub_keeper *k, wd_subscriber *s)
{
    wd_keeper_arm_at(k, s, wd_websub_wake_ms(&s->sub));
}

/* --- the ledger -------------------------------------------------------------------- */

void wd_keeper_store(wd_websub_keeper *k, wd_subscriber *s)
{
    const wd_ledger_websub row = { .token = wd_span_of(s->token),
                                   .slug = wd_span_of(s->slug),
                                   .hub = wd_span_of(s->hub),
                                   .topic = wd_span_of(s->topic),
                                   .secret = wd_span_of(s->secret),
                                   .phase = s->sub.phase,
                                   .failures = s->sub.failures,
                                   .lease_ms = s->sub.lease_ms,
                                   .next_ms = s->sub.next_ms,
                                   .pushed_ms = s->pushed_ms,
                                   .self_hash = s->self_hash,
                                   .delivers = s->sub.delivers };
    s->stored_ms = wd_keeper_now(k);
    k->spec.put(k->spec.ctx, &row);
}

/* --- coming and going ---------------------------------------------------------------- */

bool wd_websub_wanted(const wd_config *config, const wd_feed_config *f)
{
    wd_url_parts parts;
    if (!config->websub.enabled || f->paused || f->websub == WD_FEED_WEBSUB_OFF)
        return false;
    wd_url_split(wd_span_of(f->url), &parts);
    return f->websub == WD_FEED_WEBSUB_ON || (f->lines == NULL && parts.userinfo.ptr == NULL);
}

/* Written as an address, and of no public one: a machine of the operator's own. */
static bool is_neighbour(const char *hub)
{
    wd_url_parts parts;
    struct sockaddr_storage a;
    wd_url_split(wd_span_of(hub), &parts);
    wd_span host = parts.host;
    if (host.len > 2 && host.ptr[0] == '[')
        host = (wd_span){ host.ptr + 1, host.len - 2 };
    return wd_address_parse(host, &a) && !wd_address_is_public((const struct sockaddr *)&a);
}

wd_subscriber *wd_keeper_begin(wd_websub_keeper *k,
                               const char *slug,
                               const wd_websub_offer *o,
                               size_t at)
{
    wd_subscriber *s = wd_websub_book_add(k->book, slug, o->topic, o->hubs[at]);
    if (s == NULL)
        return NULL;
    bool neighbour = is_neighbour(s->hub);
    int64_t within = neighbour ? 0 : (int64_t)(wd_random64() % FIRST_WITHIN_MS);
    s->keeper = k;
    s->sub = wd_websub_new(wd_keeper_now(k) + within, k->lease_ms, neighbour);
    wd_subscriber_set_hubs(s, o->hubs, o->n_hubs);
    wd_websub_book_set_current(k->book, s, true);
    return s;
}

void wd_keeper_leave(wd_websub_keeper *k, wd_subscriber *s)
{
    bool delivered = s->sub.delivers;
    wd_errand_forget(k, s);
    wd_websub_leave(&s->sub, wd_keeper_now(k));
    wd_websub_book_set_current(k->book, s, false);
    if (delivered)
        wd_poller_set_backup(k->spec.poller, s->slug, false);
    wd_keeper_store(k, s);
    wd_keeper_arm(k, s);
}

static void forget(wd_websub_keeper *k, wd_subscriber *s)
{
    wd_errand_forget(k, s);
    wd_due_heap_remove(&k->heap, &s->due);
    k->spec.drop(k->spec.ctx, wd_span_of(s->token));
    wd_websub_book_remove(k->book, s);
}

static void stop_delivering(wd_websub_keeper *k, wd_subscriber *s)
{
    if (s->current)
        wd_poller_set_backup(k->spec.poller, s->slug, false);
}

/* The next hub at once; after the last one the first, when it is time to ask again. */
void wd_keeper_fell(wd_websub_keeper *k, wd_subscriber *s)
{
    wd_websub_offer all = { .topic = wd_span_of(s->topic) };
    size_t at = 0;
    if (!s->sub.delivers) /* a lease holds while its renewal fails */
        stop_delivering(k, s);
    if (!s->current || !wd_websub_gives_up(&s->sub))
        return;
    for (size_t n = 0; n < WD_HUBS_PER_DOC && s->hubs[n] != NULL; n++) {
        all.hubs[all.n_hubs++] = wd_span_of(s->hubs[n]);
        if (strcmp(s->hubs[n], s->hub) == 0)
            at = n + 1;
    }
    if (all.n_hubs < 2)
        return;
    wd_subscriber *next = wd_keeper_begin(k, s->slug, &all, at % all.n_hubs);
    if (next == NULL)
        return;
    if (at >= all.n_hubs)
        next->sub.next_ms = s->sub.next_ms;
    next->sub.failures = s->sub.failures;
    next->self_hash = s->self_hash;
    next->said_failed = s->said_failed;
    wd_keeper_leave(k, s);
    wd_keeper_store(k, next);
    wd_keeper_arm(k, next);
}

/* --- a time has come ------------------------------------------------------------------- */

static void step(wd_websub_keeper *k, wd_subscriber *s)
{
    for (;;) {
        switch (wd_websub_look(&s->sub, wd_keeper_now(k), wd_random64())) {
        case WD_WEBSUB_WAIT:
            wd_keeper_arm(k, s);
            return;
        case WD_WEBSUB_ASK:
            wd_errand_try(k, s);
            return;
        case WD_WEBSUB_UNVERIFIED:
            if (s->current)
                wd_websub_say_failed(k, s, "the hub took the request and never verified it");
            wd_keeper_fell(k, s);
            break;
        case WD_WEBSUB_LOST:
            wd_websub_say_lost(k, s);
            stop_delivering(k, s);
            break;
        case WD_WEBSUB_MISSED:
            k->stats.missed++;
            wd_websub_say_missed(k, s);
            stop_delivering(k, s);
            break;
        case WD_WEBSUB_FORGET:
            forget(k, s);
            return;
        }
        wd_keeper_store(k, s);
    }
}

static void due(uv_timer_t *timer)
{
    wd_websub_keeper *k = wd_owner(timer, wd_websub_keeper, timer);
    wd_due *first = wd_due_heap_first(&k->heap);
    for (int n = 0; n < LOOKS_A_TURN && first != NULL && first->at_ms <= wd_keeper_now(k); n++) {
        wd_subscriber *s = wd_owner(first, wd_subscriber, due);
        wd_due_heap_remove(&k->heap, &s->due);
        step(k, s);
        first = wd_due_heap_first(&k->heap);
    }
    sleep_until_first(k);
}

/* --- what polls and pushes bring ---------------------------------------------------------- */

static void take_push(wd_websub_keeper *k, wd_subscriber *s, const wd_poll *poll)
{
    int64_t now_ms = wd_keeper_now(k);
    if (poll->payload == NULL) {
        wd_websub_fault_note(k, s,
                             poll->reading.foreign ? WD_WEBSUB_FOREIGN : WD_WEBSUB_UNREADABLE);
        return;
    }
    s->said = WD_WEBSUB_FINE;
    s->pushed_ms = now_ms;
    k->stats.deliveries++;
    bool began = wd_websub_pushed(&s->sub, poll->reading.items_new > 0, now_ms);
    if (began) {
        wd_websub_say_delivers(k, s);
        wd_poller_set_backup(k->spec.poller, s->slug, true);
    }
    if (began || s->stored_ms == WD_TIME_NONE || now_ms - s->stored_ms > STORE_EVERY_MS)
        wd_keeper_store(k, s);
    wd_keeper_arm(k, s);
}

void wd_websub_keeper_stored(wd_websub_keeper *k, const wd_poll *poll)
{
    wd_subscriber *s = wd_websub_book_by_feed(k->book, poll->config->slug);
    if (poll->pushed)
        wd_inbox_home(k, poll->config->slug, true);
    if (poll->pushed && s != NULL)
        take_push(k, s, poll);
    bool document = !poll->pushed && poll->payload != NULL && poll->answer == WD_ANSWER_DOCUMENT;
    if (document && s != NULL && poll->reading.items_new > 0) {
        wd_websub_polled(&s->sub, wd_keeper_now(k));
        wd_keeper_arm(k, s);
    }
    /* A 226 and a cut document say nothing of the whole. */
    if (document && poll->http_status == 200 && poll->reading.accepted)
        wd_hubs_by_document(k, poll);
    else if (poll->answer == WD_ANSWER_NOT_MODIFIED || poll->answer == WD_ANSWER_SAME_BODY)
        wd_hubs_by_head(k, poll);
}

void wd_websub_keeper_dropped(wd_websub_keeper *k, const wd_poll *poll)
{
    if (poll->pushed)
        wd_inbox_home(k, poll->config->slug, false);
}

/* --- which there are -------------------------------------------------------------------- */

void wd_websub_keeper_restore(wd_websub_keeper *k, const wd_ledger_websub *row)
{
    char slug[WD_SLUG_BYTES + 1];
    if (row->slug.len > WD_SLUG_BYTES || row->phase >= WD_WEBSUB_PHASES)
        return;
    snprintf(slug, sizeof(slug), "%.*s", WD_SPAN_ARG(row->slug));
    wd_subscriber *s = wd_websub_book_add(k->book, slug, row->topic, row->hub);
    if (s == NULL)
        return;
    if (!wd_websub_book_rename(k->book, s, row->token, row->secret)) {
        wd_websub_book_remove(k->book, s);
        return;
    }
    s->keeper = k;
    s->sub = wd_websub_new(row->next_ms, k->lease_ms, is_neighbour(s->hub));
    s->sub.phase = (wd_websub_phase)row->phase;
    s->sub.failures = row->failures;
    s->sub.lease_ms = row->lease_ms;
    s->sub.delivers = row->delivers;
    s->pushed_ms = row->pushed_ms;
    s->self_hash = row->self_hash;
    wd_subscriber_set_hubs(s, &row->hub, 1);
    if (wd_websub_listens(&s->sub) && wd_websub_book_by_feed(k->book, slug) == NULL)
        wd_websub_book_set_current(k->book, s, true);
    wd_keeper_arm(k, s);
}

struct setting {
    wd_websub_keeper *keeper;
    const wd_config *config;
};

static void keep_or_leave(void *ctx, wd_subscriber *s)
{
    const struct setting *set = ctx;
    const wd_feed_config *f = NULL;
    bool there = wd_poller_find(set->keeper->spec.poller, s->slug, &f) != NULL;
    s->sub.wish_ms = set->config->websub.lease_ms;
    if (wd_websub_listens(&s->sub) && (!s->current || !there || !wd_websub_wanted(set->config, f)))
        wd_keeper_leave(set->keeper, s);
}

void wd_websub_keeper_set(wd_websub_keeper *k, const wd_config *config)
{
    struct setting set = { k, config };
    k->spec.config = config;
    k->lease_ms = config->websub.lease_ms;
    wd_websub_book_each(k->book, keep_or_leave, &set);
    for (size_t i = 0; i < config->n_feeds; i++) {
        const wd_subscriber *s = wd_websub_book_by_feed(k->book, config->feeds[i].slug);
        wd_poller_set_backup(k->spec.poller, config->feeds[i].slug, s != NULL && s->sub.delivers);
    }
}

bool wd_websub_keeper_find(const wd_websub_keeper *k, const char *slug, wd_websub_facts *out)
{
    const wd_subscriber *s = wd_websub_book_by_feed(k->book, slug);
    if (s == NULL)
        return false;
    *out = (wd_websub_facts){ .slug = wd_span_of(s->slug),
                              .hub = wd_span_of(s->hub),
                              .phase = s->sub.phase,
                              .lease_ms = s->sub.lease_ms,
                              .next_ms = s->sub.next_ms,
                              .pushed_ms = s->pushed_ms,
                              .failures = s->sub.failures,
                              .delivers = s->sub.delivers };
    return true;
}

static void count(void *ctx, wd_subscriber *s)
{
    wd_websub_stats *out = ctx;
    out->subscriptions[s->sub.phase]++;
    out->delivering += s->sub.delivers;
}

void wd_websub_keeper_get_stats(wd_websub_keeper *k, wd_websub_stats *out)
{
    *out = k->stats;
    wd_websub_book_each(k->book, count, out);
}

uint16_t wd_websub_keeper_port(const wd_websub_keeper *k)
{
    return wd_callback_port(k->callback);
}

/* --- opening and closing ------------------------------------------------------------------ */

void wd_keeper_part_closed(wd_websub_keeper *k)
{
    if (--k->open > 0)
        return;
    wd_websub_keeper_spec spec = k->spec;
    wd_websub_book_free(k->book);
    wd_due_heap_done(&k->heap);
    free(k->url);
    free(k);
    spec.closed(spec.ctx);
}

static void timer_closed(uv_handle_t *h)
{
    wd_keeper_part_closed(wd_owner(h, wd_websub_keeper, timer));
}

static void knock_closed(uv_handle_t *h)
{
    wd_keeper_part_closed(wd_owner(h, wd_websub_keeper, knock));
}

static char *base_of(const char *url)
{
    size_t n = strlen(url);
    char *base = malloc(n + 2);
    if (base != NULL)
        snprintf(base, n + 2, "%s%s", url, n > 0 && url[n - 1] == '/' ? "" : "/");
    return base;
}

wd_status wd_websub_keeper_open(wd_websub_keeper **out,
                                const wd_websub_keeper_spec *spec,
                                wd_error *err)
{
    const wd_config_websub *w = &spec->config->websub;
    wd_websub_keeper *k = calloc(1, sizeof(*k));
    if (k == NULL)
        return wd_fail(err, WD_NOMEM, "out of memory");
    k->spec = *spec;
    k->lease_ms = w->lease_ms;
    k->url = base_of(w->url);
    wd_list_init(&k->inbox);
    wd_list_init(&k->sent);
    wd_status s = k->url ? wd_websub_book_new(&k->book) : WD_NOMEM;
    s = s == WD_OK ? wd_inbox_open(k, spec->config, err) : wd_fail(err, s, "%s", wd_status_text(s));
    if (s != WD_OK) {
        wd_websub_book_free(k->book);
        free(k->url);
        free(k);
        return s;
    }
    uv_timer_init(spec->loop, &k->timer);
    uv_timer_init(spec->loop, &k->knock);
    k->open = 3; /* with the callback */
    sleep_until_first(k);
    *out = k;
    return WD_OK;
}

static void forget_errand(void *ctx, wd_subscriber *s)
{
    wd_errand_forget(ctx, s);
}

void wd_websub_keeper_close(wd_websub_keeper **keeper)
{
    wd_websub_keeper *k = *keeper;
    *keeper = NULL;
    if (k == NULL)
        return;
    k->closing = true;
    wd_websub_book_each(k->book, forget_errand, k);
    wd_inbox_empty(k);
    wd_callback_close(&k->callback);
    uv_close((uv_handle_t *)&k->timer, timer_closed);
    uv_close((uv_handle_t *)&k->knock, knock_closed);
}
