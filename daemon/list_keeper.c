/* daemon/list_keeper.c - a timer and at most one request a list. */
#include "daemon/list_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/hash.h"
#include "core/list.h"
#include "daemon/config/opml.h"
#include "feeds/manner.h"

#define SOON_MS      500 /* a list that is due at the start, and one just configured */
#define JITTER_SHARE 10  /* at most a tenth of the interval later */

/* A URL, a proxy, and as many header lines as a feed may have. */
#define SOURCE_BYTES (256u * 1024u)

struct kept {
    wd_link link;
    wd_list_keeper *keeper;
    uv_timer_t timer;
    wd_feed_list list;
    wd_arena *own; /* the bytes of list.source */
    wd_http_request request;
    wd_validators sent;
    bool asking, closing, timer_gone;
    wd_reason said; /* what was last complained of, until it works again */
    bool shrunk;    /* said, and still so */
};

struct wd_list_keeper {
    wd_list_keeper_spec spec;
    wd_link lists;
    uv_timer_t anchor; /* only closes: closed never runs inside wd_list_keeper_close() */
    size_t open;       /* the anchor, and kept lists that are not freed yet */
};

static void due(uv_timer_t *timer);

bool wd_list_shrank(size_t before, size_t lost, double percent)
{
    return before > 0 && (double)lost * 100.0 > percent * (double)before;
}

/* --- files ------------------------------------------------------------------------ */

static void path_of(const struct kept *l, const char *end, char path[PATH_MAX])
{
    wd_feed_list_path(l->keeper->spec.state, l->list.source.slug, end, path);
}

static bool write_file(const struct kept *l, const char *end, wd_span bytes)
{
    char path[PATH_MAX], fresh[PATH_MAX];
    path_of(l, end, path);
    path_of(l, "new", fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    bool ok = fd >= 0;
    while (ok && bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        ok = n > 0;
        bytes = wd_span_from(bytes, ok ? (size_t)n : 0);
    }
    ok = ok && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok && rename(fresh, path) == 0;
}

/* Of which address the list in force is: another one's validators mean nothing to it. */
static void url_mark(const struct kept *l, char out[20])
{
    snprintf(out, 20, "%016" PRIx64, wd_hash64(wd_span_of(l->list.source.url), 0));
}

static void write_validators(const struct kept *l, const wd_validators *v)
{
    char text[2 * WD_VALIDATOR_BYTES + 32], mark[20];
    url_mark(l, mark);
    snprintf(text, sizeof(text), "%s\n%s\n%s\n", mark, v->etag, v->last_modified);
    (void)write_file(l, "validators", wd_span_of(text)); /* lost: one whole answer more */
}

static void read_line(FILE *f, char out[WD_VALIDATOR_BYTES])
{
    if (fgets(out, (int)WD_VALIDATOR_BYTES, f) == NULL)
        out[0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

/* False, and both empty, when there is no list of this address. */
static bool read_validators(struct kept *l)
{
    char path[PATH_MAX], mark[20], line[WD_VALIDATOR_BYTES];
    l->sent = (wd_validators){ .etag = "" };
    path_of(l, "opml", path);
    if (access(path, R_OK) != 0)
        return false;
    path_of(l, "validators", path);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return false;
    url_mark(l, mark);
    read_line(f, line);
    bool mine = strcmp(line, mark) == 0;
    if (mine) {
        read_line(f, l->sent.etag);
        read_line(f, l->sent.last_modified);
    }
    fclose(f);
    return mine;
}

static void confirm(const struct kept *l)
{
    char path[PATH_MAX];
    path_of(l, "opml", path);
    (void)utimensat(AT_FDCWD, path, NULL, 0);
}

/* --- when --------------------------------------------------------------------------- */

static void arm(struct kept *l, int64_t delay_ms)
{
    if (!l->closing)
        uv_timer_start(&l->timer, due, (uint64_t)delay_ms, 0);
}

static int64_t interval_ms(const struct kept *l)
{
    uint64_t spread = (uint64_t)l->list.interval_ms / JITTER_SHARE + 1;
    return l->list.interval_ms + (int64_t)(wd_random64() % spread);
}

/* An interval after it was last confirmed. */
static int64_t first_ms(struct kept *l)
{
    char path[PATH_MAX];
    struct stat st;
    path_of(l, "opml", path);
    if (stat(path, &st) != 0 || !read_validators(l))
        return SOON_MS;
    int64_t age_ms = wd_wall_ms(wd_clock_system()) - (int64_t)st.st_mtime * WD_SECOND_MS;
    int64_t left_ms = l->list.interval_ms - age_ms;
    return age_ms < 0 ? l->list.interval_ms : left_ms > SOON_MS ? left_ms : SOON_MS;
}

/* --- an answer ------------------------------------------------------------------------ */

static int url_order(const void *a, const void *b)
{
    const wd_span *x = a, *y = b;
    int order = memcmp(x->ptr, y->ptr, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* How many of the old addresses the new list has no more; SIZE_MAX: no memory. */
static size_t count_lost(const wd_subscriptions *old, const wd_subscriptions *fresh)
{
    wd_span *urls = calloc(fresh->n + 1, sizeof(*urls));
    size_t lost = 0;
    if (urls == NULL)
        return SIZE_MAX;
    for (size_t i = 0; i < fresh->n; i++)
        urls[i] = fresh->feeds[i].url;
    qsort(urls, fresh->n, sizeof(*urls), url_order);
    for (size_t i = 0; i < old->n; i++)
        lost += bsearch(&old->feeds[i].url, urls, fresh->n, sizeof(*urls), url_order) == NULL;
    free(urls);
    return lost;
}

static void say_failed(struct kept *l, wd_reason reason, const char *detail)
{
    if (l->said == reason)
        return;
    l->said = reason;
    wd_warn(l->keeper->spec.log, "list.failed",
            WD_FIELDS({ "LIST", l->list.source.slug }, { "REASON", wd_reason_word(reason) }),
            "list %s: %s%s%s%s; the last version stays", l->list.source.slug,
            wd_reason_text(reason), detail[0] ? " (" : "", detail, detail[0] ? ")" : "");
}

static void say_shrunk(struct kept *l, size_t before, size_t lost)
{
    if (l->shrunk)
        return;
    l->shrunk = true;
    wd_warn(l->keeper->spec.log, "list.shrunk", WD_FIELDS({ "LIST", l->list.source.slug }),
            "list %s: %zu of its %zu feeds are gone at once, more than %.0f %%; the last version "
            "stays",
            l->list.source.slug, lost, before, l->list.shrink);
}

static void say_works(struct kept *l)
{
    if (l->said != WD_REASON_NONE)
        wd_notice(l->keeper->spec.log, "list.recovered", WD_FIELDS({ "LIST", l->list.source.slug }),
                  "list %s: it works again", l->list.source.slug);
    l->said = WD_REASON_NONE;
}

static void take_over(struct kept *l, const wd_http_reply *r, const wd_subscriptions *fresh)
{
    if (!write_file(l, "opml", r->body)) {
        say_failed(l, WD_REASON_INTERNAL, strerror(errno));
        return;
    }
    l->shrunk = false;
    write_validators(l, &r->validators);
    wd_notice(l->keeper->spec.log, "list.changed", WD_FIELDS({ "LIST", l->list.source.slug }),
              "list %s has a new version: %zu feeds", l->list.source.slug, fresh->n);
    if (!l->closing)
        l->keeper->spec.changed(l->keeper->spec.ctx);
}

static void judge(struct kept *l, const wd_http_reply *r)
{
    char path[PATH_MAX];
    wd_subscriptions old = { .n = 0 }, fresh;
    wd_arena *arena = l->request.arena;
    wd_error ignored;
    path_of(l, "opml", path);
    wd_status s = wd_subscriptions_read(r->body, arena, &fresh);
    if (s == WD_LIMIT) {
        say_failed(l, WD_REASON_TOO_LARGE, "more outlines than 300,000");
        return;
    }
    if (s != WD_OK) {
        say_failed(l, WD_REASON_MALFORMED, "not OPML");
        return;
    }
    say_works(l);
    if (access(path, R_OK) == 0 && wd_opml_file_read(path, arena, &old, &ignored) != WD_OK)
        old.n = 0;
    size_t lost = count_lost(&old, &fresh);
    if (wd_list_shrank(old.n, lost, l->list.shrink))
        say_shrunk(l, old.n, lost);
    else
        take_over(l, r, &fresh);
}

static void release(wd_list_keeper *k)
{
    if (--k->open > 0)
        return;
    wd_list_keeper_spec spec = k->spec;
    free(k);
    spec.closed(spec.ctx);
}

static void kept_free(struct kept *l)
{
    wd_list_keeper *k = l->keeper;
    wd_arena_free(l->own);
    free(l);
    release(k);
}

static void timer_closed(uv_handle_t *h)
{
    struct kept *l = wd_owner(h, struct kept, timer);
    l->timer_gone = true;
    if (!l->asking)
        kept_free(l);
}

static void answered(wd_http_request *request, const wd_http_reply *r)
{
    struct kept *l = request->ctx;
    l->asking = false;
    if (!l->closing && r->reason == WD_REASON_NONE && r->status == 200)
        judge(l, r);
    else if (!l->closing && r->reason == WD_REASON_NONE && r->status == 304) {
        say_works(l);
        confirm(l);
    } else if (!l->closing)
        say_failed(l, r->reason != WD_REASON_NONE ? r->reason : WD_REASON_HTTP_OTHER, r->detail);
    wd_arena_free(request->arena);
    request->arena = NULL;
    if (!l->closing)
        arm(l, interval_ms(l));
    else if (l->timer_gone)
        kept_free(l);
}

static void due(uv_timer_t *timer)
{
    struct kept *l = wd_owner(timer, struct kept, timer);
    wd_arena *arena = wd_arena_new(WD_POLL_ARENA_BYTES);
    (void)read_validators(l);
    l->request = wd_http_request_of(&l->list.source);
    l->request.validators = &l->sent;
    l->request.one_off = true;
    l->request.arena = arena;
    l->request.now_ms = wd_wall_ms(wd_clock_system());
    l->request.done = answered;
    l->request.ctx = l;
    l->asking = arena != NULL && wd_http_get(l->keeper->spec.http, &l->request) == WD_OK;
    if (l->asking)
        return;
    wd_arena_free(arena);
    arm(l, interval_ms(l));
}

/* --- which lists there are ---------------------------------------------------------------- */

static struct kept *kept_new(wd_list_keeper *k, const wd_feed_list *list)
{
    struct kept *l = calloc(1, sizeof(*l));
    if (l == NULL)
        return NULL;
    *l = (struct kept){ .keeper = k, .list = *list, .own = wd_arena_new(SOURCE_BYTES) };
    if (l->own == NULL || wd_manner_copy(l->own, &list->source, &l->list.source) != WD_OK) {
        wd_arena_free(l->own);
        free(l);
        return NULL;
    }
    k->open++;
    uv_timer_init(k->spec.loop, &l->timer);
    wd_list_push(&k->lists, &l->link);
    arm(l, first_ms(l));
    return l;
}

static void stop(struct kept *l)
{
    wd_list_remove(&l->link);
    l->closing = true;
    if (l->asking)
        wd_http_cancel(l->keeper->spec.http, &l->request);
    uv_close((uv_handle_t *)&l->timer, timer_closed);
}

static const wd_feed_list *find_list(const wd_config *c, const struct kept *l)
{
    for (size_t i = 0; i < c->n_lists; i++) {
        const wd_feed_config *source = &c->lists[i].source;
        if (strcmp(source->slug, l->list.source.slug) == 0 &&
            strcmp(source->url, l->list.source.url) == 0 && wd_manner_same(source, &l->list.source))
            return &c->lists[i];
    }
    return NULL;
}

static bool is_kept(const wd_list_keeper *k, const char *name)
{
    for (const wd_link *i = k->lists.next; i != &k->lists; i = i->next)
        if (strcmp(wd_owner(i, struct kept, link)->list.source.slug, name) == 0)
            return true;
    return false;
}

wd_status wd_list_keeper_set(wd_list_keeper *k, const wd_config *config)
{
    for (wd_link *i = k->lists.next, *next; i != &k->lists; i = next) {
        struct kept *l = wd_owner(i, struct kept, link);
        const wd_feed_list *list = find_list(config, l);
        next = i->next;
        if (list == NULL) {
            stop(l);
            continue;
        }
        l->list.interval_ms = list->interval_ms;
        l->list.shrink = list->shrink;
    }
    for (size_t i = 0; i < config->n_lists; i++)
        if (!is_kept(k, config->lists[i].source.slug) && kept_new(k, &config->lists[i]) == NULL)
            return WD_NOMEM;
    return WD_OK;
}

static void anchor_closed(uv_handle_t *h)
{
    release(wd_owner(h, wd_list_keeper, anchor));
}

wd_status wd_list_keeper_open(wd_list_keeper **out, const wd_list_keeper_spec *spec)
{
    char path[PATH_MAX];
    wd_list_keeper *k = calloc(1, sizeof(*k));
    if (k == NULL)
        return WD_NOMEM;
    snprintf(path, sizeof(path), "%s/lists", spec->state);
    if (mkdir(path, 0750) != 0 && errno != EEXIST) {
        free(k);
        return WD_IO;
    }
    k->spec = *spec;
    k->open = 1;
    wd_list_init(&k->lists);
    uv_timer_init(spec->loop, &k->anchor);
    *out = k;
    return WD_OK;
}

void wd_list_keeper_close(wd_list_keeper **keeper)
{
    wd_list_keeper *k = *keeper;
    *keeper = NULL;
    if (k == NULL)
        return;
    while (!wd_list_empty(&k->lists))
        stop(wd_owner(k->lists.next, struct kept, link));
    uv_close((uv_handle_t *)&k->anchor, anchor_closed);
}
