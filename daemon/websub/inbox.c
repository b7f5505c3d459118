/* daemon/websub/inbox.c - hubs ask and deliver; what is delivered waits while its feed is being
 * asked, or the pipeline is full, and its hub hears 202 when it is on disk.
 *
 * A hub that was told 202 forgets the document: said earlier, a crash would leave it to a poll,
 * which may be hours away.  Said too late, the hub delivers again, and a replay changes nothing.
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

/* Hubs give up after ten seconds or later; a transaction takes milliseconds, a feed that is being
 * asked meanwhile its time. */
#define HELD_MS (5 * WD_SECOND_MS)

/* Of the listener's 128 connections: the others are for what can be answered at once. */
#define HELD_MOST 96u

struct letter {
    wd_link link;
    char token[WD_WEBSUB_TOKEN_CHARS + 1], slug[WD_SLUG_BYTES + 1], type[TYPE_BYTES];
    char *body;
    size_t len;
    wd_callback_visit *visit; /* its sender, who waits until `until_ms`; NULL: was answered */
    int64_t until_ms;         /* boot time */
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
                 : k->held >= HELD_MOST        ? 503
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

static void answer(wd_websub_keeper *k, struct letter *l, int status)
{
    if (l->visit == NULL)
        return;
    k->held--;
    k->stats.turned_away += status != 202;
    wd_callback_answer(k->callback, l->visit, status);
    l->visit = NULL;
}

/* It waits for its feed no longer, and its memory is others' to count. */
static void leave_line(wd_websub_keeper *k, const struct letter *l)
{
    wd_subscriber *s = wd_websub_book_by_token(k->book, l->token);
    if (s != NULL && s->waiting > 0)
        s->waiting--;
    wd_callback_release(k->callback, l->len);
}

static void letter_free(struct letter *l)
{
    free(l->body);
    free(l);
}

static void flush(wd_websub_keeper *k);

static void knocked(uv_timer_t *timer)
{
    flush(wd_owner(timer, wd_websub_keeper, knock));
}

/* What became of a letter, or the answer to one that nobody wants. */
enum { WAITS, SENT };

static int hand_on(wd_websub_keeper *k, struct letter *l)
{
    const wd_subscriber *s = wd_websub_book_by_token(k->book, l->token);
    if (s == NULL || !s->current)
        return 410; /* left meanwhile */
    const wd_poller_push push = { .slug = l->slug,
                                  .body = l->body,
                                  .len = l->len,
                                  .url = wd_span_of(s->topic),
                                  .content_type = wd_span_of(l->type),
                                  .selves = { s->topic_hash, s->self_hash } };
    wd_status status = wd_poller_push_document(k->spec.poller, &push);
    if (status == WD_BUSY || status == WD_NOMEM)
        return WAITS;
    if (status != WD_OK) /* paused by hand: a poll will say all, once it goes on */
        return status == WD_DENIED ? 202 : 410;
    l->body = NULL; /* taken */
    return SENT;
}

static void knock_again(wd_websub_keeper *k)
{
    bool waits = uv_is_active((const uv_handle_t *)&k->knock);
    bool any = !wd_list_empty(&k->inbox) || !wd_list_empty(&k->sent);
    if (any && !k->closing && !waits)
        uv_timer_start(&k->knock, knocked, KNOCK_MS, 0);
}

/* Those that nobody may wait for any longer are stored all the same; the hub comes again. */
static void release_late(wd_websub_keeper *k, wd_link *list)
{
    int64_t now_ms = wd_boot_ms(k->spec.clock);
    for (wd_link *i = list->next; i != list; i = i->next) {
        struct letter *l = wd_owner(i, struct letter, link);
        if (now_ms >= l->until_ms)
            answer(k, l, 503);
    }
}

static void flush(wd_websub_keeper *k)
{
    release_late(k, &k->inbox);
    release_late(k, &k->sent);
    for (wd_link *i = k->inbox.next, *next; i != &k->inbox; i = next) {
        struct letter *l = wd_owner(i, struct letter, link);
        next = i->next;
        int status = hand_on(k, l);
        if (status == WAITS)
            continue;
        wd_list_remove(i);
        leave_line(k, l);
        if (status == SENT) {
            wd_list_push(&k->sent, i);
        } else {
            answer(k, l, status);
            letter_free(l);
        }
    }
    knock_again(k);
}

void wd_inbox_home(wd_websub_keeper *k, const char *slug, bool stored)
{
    for (wd_link *i = k->sent.next; i != &k->sent; i = i->next) {
        struct letter *l = wd_owner(i, struct letter, link);
        if (strcmp(l->slug, slug) != 0)
            continue;
        wd_list_remove(i); /* a feed has one on its way at most */
        answer(k, l, stored ? 202 : 503);
        letter_free(l);
        return;
    }
}

static struct letter *letter_of(const wd_websub_keeper *k,
                                const wd_subscriber *s,
                                const wd_callback_delivery *d)
{
    struct letter *l = calloc(1, sizeof(*l));
    if (l == NULL)
        return NULL;
    snprintf(l->token, sizeof(l->token), "%s", s->token);
    snprintf(l->slug, sizeof(l->slug), "%s", s->slug);
    snprintf(l->type, sizeof(l->type), "%.*s",
             WD_SPAN_ARG(wd_span_head(d->content_type, TYPE_BYTES - 1)));
    l->body = d->body->ptr;
    l->len = d->body->len;
    *d->body = WD_BUF_INIT(d->body->limit);
    l->visit = d->visit;
    l->until_ms = wd_boot_ms(k->spec.clock) + HELD_MS;
    return l;
}

/* Handed on at once, unless another of that feed stands before it. */
static int take_in(wd_websub_keeper *k, wd_subscriber *s, const wd_callback_delivery *d)
{
    struct letter *l = letter_of(k, s, d);
    if (l == NULL)
        return 503;
    s->waiting++;
    wd_callback_hold(k->callback, l->len);
    int status = s->waiting == 1 ? hand_on(k, l) : WAITS;
    if (status != WAITS)
        leave_line(k, l);
    if (status != WAITS && status != SENT) {
        letter_free(l);
        return status;
    }
    k->held++;
    wd_list_push(status == SENT ? &k->sent : &k->inbox, &l->link);
    knock_again(k);
    return WD_CALLBACK_LATER;
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
    return k->closing ? 503 : take_in(k, s, d);
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

static void empty(wd_websub_keeper *k, wd_link *list, bool in_line)
{
    while (!wd_list_empty(list)) {
        struct letter *l = wd_owner(wd_list_pop(list), struct letter, link);
        if (in_line)
            leave_line(k, l);
        answer(k, l, 503);
        letter_free(l);
    }
}

void wd_inbox_empty(wd_websub_keeper *k)
{
    empty(k, &k->inbox, true);
    empty(k, &k->sent, false);
}
