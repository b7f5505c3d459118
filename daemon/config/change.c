/* daemon/config/change.c - compares by the table's rows, and feeds by their slugs. */
#include "daemon/config/change.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/span.h"
#include "daemon/config/schema.h"
#include "daemon/config/text.h"

#define VALUE_BYTES  (64u * 1024u)
#define CHANGE_BYTES 200u /* longer values are named only */

static bool is_list(wd_config_type type)
{
    return type == WD_TYPE_LIST || type == WD_TYPE_HEADERS;
}

static bool is_pointer(wd_config_type type)
{
    return type == WD_TYPE_TEXT || type == WD_TYPE_URL || is_list(type) || type == WD_TYPE_SECRET ||
           type == WD_TYPE_PROXY;
}

static bool same_value(const wd_config_row *row, const void *a, const void *b)
{
    const char *x = (const char *)a + row->offset, *y = (const char *)b + row->offset;
    if (!is_pointer(row->type))
        return memcmp(x, y, wd_config_value_bytes(row->type)) == 0;
    const void *p, *q;
    memcpy(&p, x, sizeof(p));
    memcpy(&q, y, sizeof(q));
    return is_list(row->type) ? wd_cstrs_equal(p, q) : wd_cstr_equal(p, q);
}

static const char *const *copy_list(wd_arena *a, const char *const *list)
{
    size_t n = 0;
    while (list != NULL && list[n] != NULL)
        n++;
    const char **copy = list ? wd_arena_zalloc(a, (n + 1) * sizeof(*copy)) : NULL;
    for (size_t i = 0; copy != NULL && i < n; i++)
        copy[i] = wd_arena_copy(a, wd_span_of(list[i])).ptr;
    return copy;
}

static void keep_value(const wd_config_row *row, wd_config *fresh, const wd_config *old)
{
    char *to = (char *)fresh + row->offset;
    const char *from = (const char *)old + row->offset;
    if (!is_pointer(row->type)) {
        memcpy(to, from, wd_config_value_bytes(row->type));
        return;
    }
    const void *p;
    memcpy(&p, from, sizeof(p));
    if (is_list(row->type))
        p = copy_list(fresh->arena, p);
    else
        p = wd_arena_copy(fresh->arena, wd_span_of(p)).ptr;
    memcpy(to, &p, sizeof(p));
}

void wd_config_keep_fixed(wd_config *fresh, const wd_config *old, const wd_log *log)
{
    for (size_t i = 0; i < wd_config_n_rows; i++) {
        const wd_config_row *row = &wd_config_rows[i];
        if (row->reloadable || same_value(row, fresh, old))
            continue;
        wd_warn(log, "daemon.reload_ignored", WD_FIELDS({ "KEY", row->key }),
                "%s%s%s changes only with a restart; it stays as it was", row->section,
                row->section[0] ? "." : "", row->key);
        keep_value(row, fresh, old);
    }
}

/* --- feeds --------------------------------------------------------------- */

/* "interval 15m -> 5m": what it was and is, as far as one line holds it.  False: the same. */
static bool differs(const wd_config_row *row, const void *old, const void *fresh, wd_buf *out)
{
    wd_buf from = WD_BUF_INIT(VALUE_BYTES), to = WD_BUF_INIT(VALUE_BYTES);
    if (same_value(row, old, fresh))
        return false;
    if (!wd_config_text(row, old, true, &from))
        wd_buf_printf(&from, "nothing");
    if (!wd_config_text(row, fresh, true, &to))
        wd_buf_printf(&to, "nothing");
    wd_buf_printf(out, "%s%s", out->len > 0 ? ", " : "", row->key);
    if (from.len + to.len < CHANGE_BYTES && !wd_span_eq(wd_buf_span(&from), wd_buf_span(&to)))
        wd_buf_printf(out, " %.*s -> %.*s", WD_SPAN_ARG(wd_buf_span(&from)),
                      WD_SPAN_ARG(wd_buf_span(&to)));
    wd_buf_done(&from);
    wd_buf_done(&to);
    return true;
}

static bool feed_differs(const wd_feed_config *a, const wd_feed_config *b, wd_buf *what)
{
    bool any = false;
    wd_buf_reset(what);
    for (size_t i = 0; i < wd_feed_n_rows; i++)
        any = differs(&wd_feed_rows[i], a, b, what) || any;
    return any;
}

static void log_settings(const wd_log *log, const wd_config *old, const wd_config *fresh)
{
    wd_buf what = WD_BUF_INIT(VALUE_BYTES);
    for (size_t i = 0; i < wd_config_n_rows; i++) {
        const wd_config_row *row = &wd_config_rows[i];
        wd_buf_reset(&what);
        if (!differs(row, old, fresh, &what))
            continue;
        wd_info(log, "daemon.setting_changed",
                WD_FIELDS({ "SECTION", row->section }, { "KEY", row->key }), "%s%s%.*s",
                row->section, row->section[0] ? "." : "", WD_SPAN_ARG(wd_buf_span(&what)));
    }
    wd_buf_done(&what);
}

static void say_feed(const wd_log *log,
                     const char *event,
                     const wd_feed_config *f,
                     const char *what)
{
    wd_info(log, event, WD_FIELDS({ "FEED", f->slug }), "feed %s is %s", f->slug, what);
}

void wd_config_log_change(
    const wd_log *log, const wd_config *old, const wd_config *fresh, char *said, size_t size)
{
    const size_t n_old = old->n_feeds, n_fresh = fresh->n_feeds;
    size_t i = 0, j = 0, added = 0, removed = 0, changed = 0;
    wd_buf what = WD_BUF_INIT(VALUE_BYTES);
    log_settings(log, old, fresh);
    while (i < n_old || j < n_fresh) { /* both are in slug order */
        const wd_feed_config *a = old->feeds + i, *b = fresh->feeds + j;
        int order = i == n_old ? 1 : j == n_fresh ? -1 : strcmp(a->slug, b->slug);
        if (order < 0) {
            say_feed(log, "feed.removed", a, "no longer polled");
            removed++;
        } else if (order > 0) {
            say_feed(log, "feed.added", b, "new");
            added++;
        } else if (feed_differs(a, b, &what)) {
            wd_info(log, "feed.changed", WD_FIELDS({ "FEED", b->slug }), "feed %s is changed: %.*s",
                    b->slug, WD_SPAN_ARG(wd_buf_span(&what)));
            changed++;
        }
        i += order <= 0;
        j += order >= 0;
    }
    wd_buf_done(&what);
    char text[128];
    snprintf(text, sizeof(text), "%zu added, %zu removed, %zu changed", added, removed, changed);
    snprintf(said, size, "the configuration was read again: feeds %s", text);
    wd_notice(log, "daemon.reload_ok", WD_FIELDS({ "CHANGE", text }), "%s", said);
}
