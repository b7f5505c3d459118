/* daemon/websub/inbox.c - hubs ask and deliver; what is delivered waits while its feed is being
 * asked, or the pipeline is full.
 *
 * A hub hears 2xx for what is not signed as it should be: the Recommendation wants it so, and who
 * tries learns nothing. */
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "daemon/websub/keeper_impl.h"

#define KNOCK_MS 100 /* a feed that is being asked is free in a moment */

/* A hub that brings more of one feed while one waits may come again: the next document says
 * what these did. */
#define WAITING_MOST 8u

#define TYPE_BYTES 256u

struct letter {
    wd_link link;
    char token[WD_WEBSUB_TOKEN_CHARS + 1], slug[WD_SLUG_BYTES + 1], type[TYPE_BYTES];
    char *body;
    size_t len;
};

/* --- verification -------------------------------------------------------------------- */

static void confirmed(wd_websub_keeper *k, wd_subscriber *s, bool was_active)
{
    k->stats.confirmed++;
    s->said_failed = false;
    if (s->sub.phase == WD_WEBSUB_OVER)
        wd_websub_say_left(k, s);
    else if (!was_active)
        wd_websub_say_verified(k, s);
}

static int verify(void *ctx, const char *token, const wd_websub_query *q, wd_buf *out)
{
    wd_websub_keeper *k = ctx;
    wd_subscriber *s = k->closing ? NULL : wd_websub_book_by_token(k->book, token);
    if (s == NULL) {
        k->stats.turned_away++;
        return 404;
    }
    bool was_active = s->sub.phase == WD_WEBSUB_ACTIVE;
    wd_websub_verdict verdict =
        wd_websub_verify(&s->sub, q, wd_span_of(s->topic), wd_keeper_now(k), wd_random64());
    switch (verdict) {
    case WD_WEBSUB_REFUSE:
        k->stats.refused++;
        wd_websub_say_refused(k, s, q->mode);
        return 404;
    case WD_WEBSUB_CONFIRM:
        confirmed(k, s, was_active);
        break;
    case WD_WEBSUB_TOO_SHORT:
        wd_websub_say_failed(k, s, "the lease that it gives is too short to be kept");
        wd_keeper_fell(k, s);
        break;
    case WD_WEBSUB_DENIED:
        k->stats.denied++;
        wd_websub_say_denied(k, s);
        wd_keeper_fell(k, s);
        break;
    }
    wd_keeper_store(k, s);
    wd_keeper_arm(k, s);
    if (verdict != WD_WEBSUB_DENIED)
        wd_buf_append_span(out, q->challenge);
    return 200;
}

/* --- deliveries ------------------------------------------------------------------------ */

static int admit(void *ctx, const char *token, const char **secret)
{
    wd_websub_keeper *k = ctx;
    const wd_subscriber *s = wd_websub_book_by_token(k->book, token);
    int status = s == NULL                     ? 404
                 : !wd_websub_listens(&s->sub) ? 410
                 : k->closing                  ? 503
                 : s->waiting >= WAITING_MOST  ? 503
                                               : 200;
    if (status == 200)
        *secret = s->secret;
    else
        k->stats.turned_away++;
    return status;
}

static void too_large(void *ctx, const char *token)
{
    wd_websub_keeper *k = ctx;
    wd_subscriber *s = wd_websub_book_by_token(k->book, token);
    if (s != NULL)
        wd_websub_fault_note(k, s, WD_WEBSUB_TOO_LARGE);
}

static void throw_away(wd_websub_keeper *k, struct letter *l)
{
    wd_subscriber *s = wd_websub_book_by_token(k->book, l->token);
    if (s != NULL && s->waiting > 0)
        s->waiting--;
    if (k->callback != NULL)
        wd_callback_release(k->callback, l->len);
    free(l->body);
    free(l);
}

static void flush(wd_websub_keeper *k);

static void knocked(uv_timer_t *timer)
{
    flush(wd_owner(timer, wd_websub_keeper, knock));
}

/* True when nothing of it is left to wait for. */
static bool hand_on(wd_websub_keeper *k, struct letter *l)
{
    const wd_subscriber *s = wd_websub_book_by_token(k->book, l->token);
    if (s == NULL || !s->current)
        return true; /* left meanwhile */
    const wd_poller_push push = { .slug = l->slug,
                                  .body = l->body,
                                  .len = l->len,
                                  .url = wd_span_of(s->topic),
                                  .content_type = wd_span_of(l->type),
                                  .selves = { s->topic_hash, s->self_hash } };
    wd_status status = wd_poller_push_document(k->spec.poller, &push);
    if (status == WD_OK)
        l->body = NULL; /* taken */
    return status != WD_BUSY && status != WD_NOMEM;
}

static void knock_again(wd_websub_keeper *k)
{
    bool waits = uv_is_active((const uv_handle_t *)&k->knock);
    if (!wd_list_empty(&k->inbox) && !k->closing && !waits)
        uv_timer_start(&k->knock, knocked, KNOCK_MS, 0);
}

static void flush(wd_websub_keeper *k)
{
    for (wd_link *i = k->inbox.next, *next; i != &k->inbox; i = next) {
        struct letter *l = wd_owner(i, struct letter, link);
        next = i->next;
        if (!hand_on(k, l))
            continue;
        wd_list_remove(i);
        throw_away(k, l);
    }
    knock_again(k);
}

/* Handed on at once, unless another of that feed stands before it. */
static bool take_in(wd_websub_keeper *k, wd_subscriber *s, const wd_callback_delivery *d)
{
    struct letter *l = calloc(1, sizeof(*l));
    if (l == NULL)
        return false;
    snprintf(l->token, sizeof(l->token), "%s", s->token);
    snprintf(l->slug, sizeof(l->slug), "%s", s->slug);
    snprintf(l->type, sizeof(l->type), "%.*s",
             WD_SPAN_ARG(wd_span_head(d->content_type, TYPE_BYTES - 1)));
    l->body = d->body->ptr;
    l->len = d->body->len;
    *d->body = WD_BUF_INIT(d->body->limit);
    s->waiting++;
    wd_callback_hold(k->callback, l->len);
    if (s->waiting == 1 && hand_on(k, l)) {
        throw_away(k, l);
        return true;
    }
    wd_list_push(&k->inbox, &l->link);
    knock_again(k);
    return true;
}

static wd_websub_fault fault_of(const wd_subscriber *s, const wd_callback_delivery *d)
{
    if (d->proof != WD_PROOF_GOOD)
        return d->proof == WD_PROOF_MISSING ? WD_WEBSUB_UNSIGNED : WD_WEBSUB_FORGED;
    if (!wd_websub_is_of(d->links, wd_span_of(s->topic)))
        return WD_WEBSUB_FOREIGN;
    return d->body->len == 0 ? WD_WEBSUB_UNREADABLE : WD_WEBSUB_FINE;
}

static int deliver(void *ctx, const wd_callback_delivery *d)
{
    wd_websub_keeper *k = ctx;
    wd_subscriber *s = wd_websub_book_by_token(k->book, d->token);
    if (s == NULL || !wd_websub_listens(&s->sub))
        return 410; /* left while it was being read */
    wd_websub_fault fault = fault_of(s, d);
    if (fault != WD_WEBSUB_FINE) {
        wd_websub_fault_note(k, s, fault);
        return 202;
    }
    return k->closing || !take_in(k, s, d) ? 503 : 202;
}

/* --- opening and closing ----------------------------------------------------------------- */

static void callback_closed(void *ctx)
{
    wd_keeper_part_closed(ctx);
}

wd_status wd_inbox_open(wd_websub_keeper *k, const wd_config *config, wd_error *err)
{
    const wd_callback_spec spec = { .loop = k->spec.loop,
                                    .listen = config->websub.listen,
                                    .max_body = config->http.max_body,
                                    .verify = verify,
                                    .admit = admit,
                                    .deliver = deliver,
                                    .too_large = too_large,
                                    .closed = callback_closed,
                                    .ctx = k };
    return wd_callback_open(&k->callback, &spec, err);
}

void wd_inbox_empty(wd_websub_keeper *k)
{
    while (!wd_list_empty(&k->inbox))
        throw_away(k, wd_owner(wd_list_pop(&k->inbox), struct letter, link));
}
