/* daemon/websub/facts.c - of a feed's rows the one that is its own: not one that it has left. */
#include "daemon/websub/facts.h"

#include "core/url.h"
#include "queue/ledger_websub.h"

struct search {
    wd_websub_facts *out;
    wd_span slug;
    wd_arena *arena;
};

static void see(void *ctx, const wd_ledger_websub *row)
{
    struct search *s = ctx;
    bool own = row->phase == WD_WEBSUB_ACTIVE || row->phase == WD_WEBSUB_WANTED;
    if (!own || !wd_span_eq(row->slug, s->slug))
        return;
    *s->out = (wd_websub_facts){ .phase = (wd_websub_phase)row->phase,
                                 .hub = wd_url_show(s->arena, row->hub),
                                 .lease_ms = row->lease_ms,
                                 .next_ms = row->next_ms,
                                 .pushed_ms = row->pushed_ms,
                                 .failures = row->failures,
                                 .delivers = row->delivers };
}

wd_status wd_websub_facts_find(wd_websub_facts *out,
                               wd_ledger *ledger,
                               const char *slug,
                               wd_arena *arena)
{
    struct search s = { out, wd_span_of(slug), arena };
    *out = (wd_websub_facts){ .phase = WD_WEBSUB_PHASES };
    return ledger != NULL ? wd_ledger_each_websub(ledger, see, &s) : WD_OK;
}

static void when(wd_buf *out, const char *what, int64_t at_ms)
{
    char text[WD_TIME_TEXT_BYTES];
    if (at_ms != WD_TIME_NONE)
        wd_buf_printf(out, "%s%s", what, wd_time_text(at_ms, 0, text));
}

void wd_websub_facts_explain(const wd_websub_facts *f, int64_t now_ms, wd_buf *out)
{
    if (f->phase == WD_WEBSUB_PHASES)
        return;
    if (f->phase == WD_WEBSUB_WANTED) {
        char wait[WD_TIME_TEXT_BYTES];
        int64_t left_ms = f->next_ms > now_ms ? f->next_ms - now_ms : 0;
        wd_buf_printf(out, "not subscribed at %.*s", WD_SPAN_ARG(f->hub));
        if (f->failures > 0)
            wd_buf_printf(out, " after %u tries, asked again in %s", f->failures,
                          wd_duration_text(left_ms, wait));
    } else {
        wd_buf_printf(out, "%s %.*s", f->delivers ? "pushed by" : "subscribed at",
                      WD_SPAN_ARG(f->hub));
        when(out, ", lease until ", f->lease_ms);
        when(out, ", last delivery ", f->pushed_ms);
        if (!f->delivers)
            wd_buf_printf(out, "; it has yet to show that it delivers");
    }
    wd_buf_append_char(out, '\n');
}

void wd_websub_facts_put(const wd_websub_facts *f, wd_json *j)
{
    if (f->phase == WD_WEBSUB_PHASES)
        return;
    wd_json_key(j, "websub");
    wd_json_begin_object(j);
    wd_json_put_text(j, "state", f->phase == WD_WEBSUB_ACTIVE ? "active" : "wanted");
    wd_json_put(j, "hub", f->hub);
    wd_json_put_time_opt(j, "lease_until", f->lease_ms, false);
    wd_json_put_time_opt(j, "last_delivery", f->pushed_ms, false);
    wd_json_put_int(j, "failures", f->failures);
    wd_json_key(j, "delivers");
    wd_json_bool(j, f->delivers);
    wd_json_end_object(j);
}
