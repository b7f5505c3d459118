/* daemon/websub/facts.c - of a feed's rows the one that is its own: not one that it has left. */
#include "daemon/websub/facts.h"

#include <stdlib.h>
#include <string.h>

#include "core/url.h"
#include "queue/ledger_websub.h"

/* An address, cleaned and shown. */
#define SCRATCH_BYTES (64u * 1024u)

/* --- from the ledger --------------------------------------------------------------- */

struct reading {
    wd_websub_all *out;
    wd_arena *arena;
    size_t room;
};

static bool is_own(const wd_ledger_websub *row)
{
    return row->phase == WD_WEBSUB_ACTIVE || row->phase == WD_WEBSUB_WANTED;
}

static void count(void *ctx, const wd_ledger_websub *row)
{
    ((struct reading *)ctx)->room += is_own(row);
}

static void take(void *ctx, const wd_ledger_websub *row)
{
    struct reading *r = ctx;
    if (!is_own(row) || r->out->n == r->room)
        return; /* one more since they were counted: the next look has it */
    r->out->rows[r->out->n++] = (wd_websub_facts){ .slug = wd_arena_copy(r->arena, row->slug),
                                                   .hub = wd_arena_copy(r->arena, row->hub),
                                                   .phase = (wd_websub_phase)row->phase,
                                                   .lease_ms = row->lease_ms,
                                                   .next_ms = row->next_ms,
                                                   .pushed_ms = row->pushed_ms,
                                                   .failures = row->failures,
                                                   .delivers = row->delivers };
}

static int slug_order(const void *a, const void *b)
{
    const wd_websub_facts *x = a, *y = b;
    return strcmp(x->slug.ptr, y->slug.ptr);
}

wd_status wd_websub_facts_read(wd_websub_all *out, wd_ledger *ledger, wd_arena *arena)
{
    struct reading r = { .out = out, .arena = arena };
    *out = (wd_websub_all){ .n = 0 };
    wd_status s = ledger != NULL ? wd_ledger_each_websub(ledger, count, &r) : WD_OK;
    if (s != WD_OK || r.room == 0)
        return s;
    out->rows = wd_arena_zalloc(arena, r.room * sizeof(*out->rows));
    if (out->rows == NULL)
        return WD_NOMEM;
    s = wd_ledger_each_websub(ledger, take, &r);
    if (s == WD_OK)
        s = wd_arena_status(arena);
    if (s == WD_OK)
        qsort(out->rows, out->n, sizeof(*out->rows), slug_order);
    else
        out->n = 0;
    return s;
}

const wd_websub_facts *wd_websub_facts_of(const wd_websub_all *all, const char *slug)
{
    const wd_websub_facts key = { .slug = wd_span_of(slug) };
    return all->n ? bsearch(&key, all->rows, all->n, sizeof(key), slug_order) : NULL;
}

/* --- in words ------------------------------------------------------------------------ */

static void when(wd_buf *out, const char *what, int64_t at_ms)
{
    char text[WD_TIME_TEXT_BYTES];
    if (at_ms != WD_TIME_NONE)
        wd_buf_printf(out, "%s%s", what, wd_time_text(at_ms, 0, text));
}

void wd_websub_facts_explain(const wd_websub_facts *f, int64_t now_ms, wd_buf *out)
{
    wd_arena *scratch = f != NULL ? wd_arena_new(SCRATCH_BYTES) : NULL;
    if (scratch == NULL)
        return;
    wd_span hub = wd_url_show(scratch, f->hub);
    if (f->phase == WD_WEBSUB_WANTED) {
        char wait[WD_TIME_TEXT_BYTES];
        int64_t left_ms = f->next_ms > now_ms ? f->next_ms - now_ms : 0;
        wd_buf_printf(out, "not subscribed at %.*s", WD_SPAN_ARG(hub));
        if (f->failures > 0)
            wd_buf_printf(out, " after %u tries, asked again in %s", f->failures,
                          wd_duration_text(left_ms, wait));
    } else {
        wd_buf_printf(out, "%s %.*s", f->delivers ? "pushed by" : "subscribed at",
                      WD_SPAN_ARG(hub));
        when(out, ", lease until ", f->lease_ms);
        when(out, ", last delivery ", f->pushed_ms);
        if (!f->delivers)
            wd_buf_printf(out, "; it has yet to show that it delivers");
    }
    wd_buf_append_char(out, '\n');
    wd_arena_free(scratch);
}

void wd_websub_facts_brief(const wd_websub_facts *f, int64_t now_ms, wd_buf *out)
{
    char length[WD_TIME_TEXT_BYTES];
    wd_url_parts hub;
    if (f == NULL)
        return;
    wd_url_split(f->hub, &hub);
    wd_buf_append_span(out, hub.host);
    if (f->phase == WD_WEBSUB_WANTED) {
        wd_buf_append_span(out, WD_SPAN_LIT(", not subscribed"));
        return;
    }
    int64_t left_ms = f->lease_ms > now_ms ? f->lease_ms - now_ms : 0;
    wd_buf_printf(out, ", lease ends in %s", wd_duration_text(left_ms, length));
    if (f->pushed_ms != WD_TIME_NONE)
        wd_buf_printf(out, ", last delivery %s ago",
                      wd_duration_text(now_ms > f->pushed_ms ? now_ms - f->pushed_ms : 0, length));
}

void wd_websub_facts_put(const wd_websub_facts *f, wd_url_view view, wd_json *j)
{
    wd_arena *scratch = f != NULL ? wd_arena_new(SCRATCH_BYTES) : NULL;
    if (scratch == NULL)
        return;
    wd_json_key(j, "websub");
    wd_json_begin_object(j);
    wd_json_put_text(j, "state", f->phase == WD_WEBSUB_ACTIVE ? "active" : "wanted");
    wd_json_put(j, "hub", view(scratch, f->hub));
    wd_json_put_time_opt(j, "lease_until", f->lease_ms, false);
    wd_json_put_time_opt(j, "last_delivery", f->pushed_ms, false);
    wd_json_put_int(j, "failures", f->failures);
    wd_json_key(j, "delivers");
    wd_json_bool(j, f->delivers);
    wd_json_end_object(j);
    wd_arena_free(scratch);
}
