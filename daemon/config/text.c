/* daemon/config/text.c - the inverse of wd_config_set(): what is written is read back the same. */
#include "daemon/config/text.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "core/url.h"
#include "daemon/config/config.h"

#define SHOWN "***"

static void write_text(wd_buf *out, wd_span text)
{
    wd_json j = wd_json_onto(out);
    wd_json_string(&j, text);
}

static void write_address(wd_buf *out, const char *url)
{
    wd_arena *scratch = wd_arena_new(2 * WD_URL_BYTES);
    bool address = strstr(url, "://") != NULL;
    write_text(out, address ? (scratch ? wd_url_redact(scratch, wd_span_of(url)) : WD_SPAN_NONE)
                            : wd_span_of(url));
    wd_arena_free(scratch);
}

static void write_duration(wd_buf *out, int64_t ms)
{
    static const struct {
        int64_t ms;
        char unit;
    } units[] = {
        { WD_DAY_MS, 'd' }, { WD_HOUR_MS, 'h' }, { WD_MINUTE_MS, 'm' }, { WD_SECOND_MS, 's' }
    };
    for (size_t i = 0; i < WD_COUNT(units); i++) {
        if (ms == 0 || ms % units[i].ms != 0)
            continue;
        wd_buf_printf(out, "%" PRId64 "%c", ms / units[i].ms, units[i].unit);
        return;
    }
    wd_buf_printf(out, "%" PRId64 "%s", ms, ms == 0 ? "s" : "ms");
}

static void write_size(wd_buf *out, uint64_t bytes)
{
    static const char *const units[] = { "", "KiB", "MiB", "GiB" };
    size_t i = 0;
    for (; bytes > 0 && bytes % 1024 == 0 && i + 1 < WD_COUNT(units); i++)
        bytes /= 1024;
    wd_buf_printf(out, "%" PRIu64 "%s", bytes, units[i]);
}

static void write_backfill(wd_buf *out, const wd_backfill *b)
{
    if (b->kind == WD_BACKFILL_ALL)
        wd_buf_printf(out, "all");
    else if (b->kind == WD_BACKFILL_NEWEST && b->newest == 0)
        wd_buf_printf(out, "none");
    else if (b->kind == WD_BACKFILL_NEWEST)
        wd_buf_printf(out, "%" PRIu32, b->newest);
    else {
        wd_buf_printf(out, "since:");
        write_duration(out, b->since_ms);
    }
}

static void write_choice(wd_buf *out, const wd_config_row *row, int index)
{
    wd_span rest = wd_span_of(row->choices), word = WD_SPAN_NONE;
    if (row->offset == offsetof(wd_config, log_level) && row->section[0] == '\0' &&
        strcmp(row->key, "log_level") == 0)
        index -= WD_LOG_ERROR; /* it is kept as syslog's number */
    for (int i = 0; i <= index && rest.ptr != NULL; i++)
        word = wd_span_cut(&rest, '|');
    wd_buf_append_span(out, word);
}

static void write_list(wd_buf *out, const char *const *list, bool secret)
{
    wd_buf_append_char(out, secret ? '{' : '[');
    for (size_t i = 0; list[i] != NULL; i++) {
        wd_span text = wd_span_of(list[i]);
        char head[256];
        if (secret) { /* "Name: value" */
            snprintf(head, sizeof(head), "%.*s", (int)wd_span_find(text, ':'), list[i]);
            text = wd_span_of(head);
        }
        wd_buf_printf(out, i > 0 ? ", " : "");
        write_text(out, text);
        if (secret)
            wd_buf_printf(out, ": \"" SHOWN "\"");
    }
    wd_buf_append_char(out, secret ? '}' : ']');
}

static void write_pointer(wd_buf *out, const wd_config_row *row, const void *p, bool redact)
{
    switch (row->type) {
    case WD_TYPE_LIST:
    case WD_TYPE_HEADERS:
        write_list(out, p, row->type == WD_TYPE_HEADERS);
        break;
    case WD_TYPE_SECRET:
        write_text(out, WD_SPAN_LIT(SHOWN));
        break;
    case WD_TYPE_PROXY: /* may have been a secret */
        write_address(out, p);
        break;
    default:
        if (redact)
            write_address(out, p);
        else
            write_text(out, wd_span_of(p));
    }
}

bool wd_config_text(const wd_config_row *row, const void *base, bool redact, wd_buf *out)
{
    const void *at = (const char *)base + row->offset;
    const void *pointer;
    switch (row->type) {
    case WD_TYPE_DURATION:
        write_duration(out, *(const int64_t *)at);
        return true;
    case WD_TYPE_SIZE:
        write_size(out, *(const uint64_t *)at);
        return true;
    case WD_TYPE_COUNT:
        wd_buf_printf(out, "%" PRIu64, *(const uint64_t *)at);
        return true;
    case WD_TYPE_NUMBER:
        wd_buf_printf(out, "%.15g", *(const double *)at);
        return true;
    case WD_TYPE_BOOL:
        wd_buf_printf(out, *(const bool *)at ? "yes" : "no");
        return true;
    case WD_TYPE_CHOICE:
        write_choice(out, row, *(const int *)at);
        return true;
    case WD_TYPE_BACKFILL:
        write_backfill(out, at);
        return true;
    default:
        memcpy(&pointer, at, sizeof(pointer));
        if (pointer != NULL)
            write_pointer(out, row, pointer, redact);
        return pointer != NULL;
    }
}
