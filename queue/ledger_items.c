/*
 * queue/ledger_items.c - identities, clusters and remembered texts.
 *
 * An identity leaves 30 days after its last sighting, its text after the window of the
 * desk; both in small bites, so that no transaction grows long because of old age.
 */
#include "queue/ledger_items.h"

#include <string.h>

#include <sqlite3.h>

#include "core/ascii.h"
#include "core/clock.h"
#include "queue/ledger_impl.h"

#define URI_BYTES 12u /* 24 hex digits */

static bool uri_from_hex(const char *hex, unsigned char out[URI_BYTES])
{
    for (size_t i = 0; i < URI_BYTES; i++) {
        int high = wd_hex_value(hex[2 * i]);
        int low = high < 0 ? -1 : wd_hex_value(hex[2 * i + 1]);
        if (low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return hex[2 * (size_t)URI_BYTES] == '\0';
}

static void uri_to_hex(wd_span raw, char out[2 * URI_BYTES + 1])
{
    static const char digit[] = "0123456789abcdef";
    size_t n = raw.len < URI_BYTES ? raw.len : URI_BYTES;
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)raw.ptr[i];
        out[2 * i] = digit[byte >> 4];
        out[2 * i + 1] = digit[byte & 15];
    }
    out[2 * n] = '\0';
}

static wd_span fields_of(const wd_ledger_item *item)
{
    return (wd_span){ (const char *)item->field_hash, sizeof(item->field_hash) };
}

static wd_status add_identity(wd_ledger *l, const wd_ledger_item *item)
{
    unsigned char uri[URI_BYTES];
    if (!uri_from_hex(item->uri_hex, uri))
        return WD_MALFORMED;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_ADD_IDENTITY);
    wd_sql_int(st, 1, item->feed);
    wd_sql_int(st, 2, (int64_t)item->id_key);
    wd_sql_int(st, 3, (int64_t)item->item);
    wd_sql_int(st, 4, item->first_seen_ms / WD_DAY_MS);
    wd_sql_int(st, 5, (int64_t)item->cluster);
    wd_sql_int(st, 6, item->first_seen_ms);
    wd_sql_int(st, 7, (int64_t)item->content_hash);
    wd_sql_int(st, 8, (int64_t)item->text_hash);
    wd_sql_blob(st, 9, fields_of(item));
    wd_sql_int(st, 10, (int64_t)item->link_key);
    wd_sql_int(st, 11, item->revision > 0 ? item->revision : 1);
    wd_sql_blob(st, 12, (wd_span){ (const char *)uri, sizeof(uri) });
    return wd_sql_run(l, st);
}

static wd_status add_number(wd_ledger *l, const wd_ledger_item *item)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_ADD_ITEM);
    wd_sql_int(st, 1, (int64_t)item->item);
    wd_sql_int(st, 2, item->feed);
    wd_sql_int(st, 3, (int64_t)item->id_key);
    wd_sql_text(st, 4, item->agency);
    wd_status s = wd_sql_run(l, st);
    if (s == WD_OK && item->cluster != item->item) {
        st = wd_sql_get(l, WD_SQL_GROW_CLUSTER);
        wd_sql_int(st, 1, (int64_t)item->cluster);
        s = wd_sql_run(l, st);
    }
    if (s == WD_OK && item->item > l->now.last_item) {
        l->now.last_item = item->item;
        l->now.item_dirty = true;
    }
    return s;
}

/* The first item with a link keeps it: the canonical copy is the earliest seen. */
static wd_status add_link(wd_ledger *l, const wd_ledger_item *item)
{
    if (item->link_key == 0)
        return WD_OK;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_ADD_LINK);
    wd_sql_int(st, 1, (int64_t)item->link_key);
    wd_sql_int(st, 2, (int64_t)item->item);
    return wd_sql_run(l, st);
}

static wd_status put_text(wd_ledger *l, const wd_ledger_item *item)
{
    if (item->packed.ptr == NULL)
        return WD_OK;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_PUT_TEXT);
    wd_sql_int(st, 1, (int64_t)item->item);
    wd_sql_int(st, 2, item->first_seen_ms);
    wd_sql_blob(st, 3, item->packed);
    wd_sql_int(st, 4, item->feed);
    wd_sql_int(st, 5, (int64_t)item->cluster);
    return wd_sql_run(l, st);
}

static wd_status add_item(wd_ledger *l, const wd_ledger_item *item)
{
    wd_status s = add_identity(l, item);
    if (s == WD_OK)
        s = add_number(l, item);
    if (s == WD_OK)
        s = add_link(l, item);
    if (s == WD_OK)
        s = put_text(l, item);
    return s;
}

wd_status wd_ledger_add_item(wd_ledger *l, const wd_ledger_item *item)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    return s != WD_OK ? s : wd_ledger_leave(l, mine, add_item(l, item));
}

static wd_status set_item(wd_ledger *l, const wd_ledger_item *item)
{
    wd_ledger_item old;
    if (!wd_ledger_find_item(l, item->item, &old))
        return l->failed != WD_OK ? l->failed : WD_NOTFOUND;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_SET_IDENTITY);
    wd_sql_int(st, 1, old.feed);
    wd_sql_int(st, 2, (int64_t)old.id_key);
    wd_sql_int(st, 3, (int64_t)item->item);
    wd_sql_int(st, 4, (int64_t)item->content_hash);
    wd_sql_int(st, 5, (int64_t)item->text_hash);
    wd_sql_blob(st, 6, fields_of(item));
    wd_sql_int(st, 7, (int64_t)item->link_key);
    wd_sql_int(st, 8, (int64_t)old.revision + 1);
    wd_status s = wd_sql_run(l, st);
    if (s == WD_OK)
        s = add_link(l, item);
    wd_ledger_item text = *item;
    text.first_seen_ms = old.first_seen_ms;
    text.feed = old.feed;
    text.cluster = old.cluster;
    return s != WD_OK ? s : put_text(l, &text);
}

wd_status wd_ledger_update_item(wd_ledger *l, const wd_ledger_item *item)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    return s != WD_OK ? s : wd_ledger_leave(l, mine, set_item(l, item));
}

wd_status wd_ledger_touch_id(wd_ledger *l, uint32_t feed, uint64_t id_key, int64_t day)
{
    if (l->sight.feed == feed && l->sight.id_key == id_key && l->sight.day >= day)
        return l->failed;
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    if (s != WD_OK)
        return s;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_TOUCH_IDENTITY);
    wd_sql_int(st, 1, feed);
    wd_sql_int(st, 2, (int64_t)id_key);
    wd_sql_int(st, 3, day);
    return wd_ledger_leave(l, mine, wd_sql_run(l, st));
}

wd_status wd_ledger_set_agency(wd_ledger *l, uint64_t cluster, wd_span agency)
{
    bool mine;
    wd_status s = wd_ledger_join(l, false, &mine);
    if (s != WD_OK)
        return s;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_SET_AGENCY);
    wd_sql_int(st, 1, (int64_t)cluster);
    wd_sql_text(st, 2, agency);
    return wd_ledger_leave(l, mine, wd_sql_run(l, st));
}

/* Columns as FIND_IDENTITY names them; agency and size follow in the other queries. */
static void read_item(sqlite3_stmt *st, wd_ledger_item *out)
{
    *out = (wd_ledger_item){ .item = (uint64_t)wd_sql_column_int(st, 0),
                             .cluster = (uint64_t)wd_sql_column_int(st, 2),
                             .first_seen_ms = wd_sql_column_int(st, 3),
                             .content_hash = (uint64_t)wd_sql_column_int(st, 4),
                             .text_hash = (uint64_t)wd_sql_column_int(st, 5),
                             .link_key = (uint64_t)wd_sql_column_int(st, 7),
                             .revision = (uint32_t)wd_sql_column_int(st, 8),
                             .feed = (uint32_t)wd_sql_column_int(st, 10),
                             .id_key = (uint64_t)wd_sql_column_int(st, 11) };
    wd_span fields = wd_sql_column(st, 6);
    if (fields.len == sizeof(out->field_hash))
        memcpy(out->field_hash, fields.ptr, fields.len);
    uri_to_hex(wd_sql_column(st, 9), out->uri_hex);
}

bool wd_ledger_find_id(wd_ledger *l, uint32_t feed, uint64_t id_key, wd_ledger_item *out)
{
    if (id_key == 0)
        return false;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_FIND_IDENTITY);
    wd_sql_int(st, 1, feed);
    wd_sql_int(st, 2, (int64_t)id_key);
    if (!wd_sql_next(l, st))
        return false;
    read_item(st, out);
    l->sight = (wd_ledger_sight){ .feed = feed, .id_key = id_key, .day = wd_sql_column_int(st, 1) };
    wd_sql_end(st);
    return true;
}

bool wd_ledger_find_item(wd_ledger *l, uint64_t item, wd_ledger_item *out)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_FIND_ITEM);
    wd_sql_int(st, 1, (int64_t)item);
    if (!wd_sql_next(l, st))
        return false;
    read_item(st, out);
    out->cluster_size = (uint32_t)wd_sql_column_int(st, 13);
    /* Copied: an unfinished statement would hold the log file open for its snapshot. */
    wd_span agency = wd_span_head(wd_sql_column(st, 12), sizeof(l->agency));
    if (agency.len > 0)
        memcpy(l->agency, agency.ptr, agency.len);
    out->agency = agency.ptr == NULL ? agency : (wd_span){ l->agency, agency.len };
    wd_sql_end(st);
    return true;
}

bool wd_ledger_find_link(wd_ledger *l, uint64_t link_key, wd_ledger_item *out)
{
    if (link_key == 0)
        return false;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_FIND_LINK);
    wd_sql_int(st, 1, (int64_t)link_key);
    int64_t item = wd_sql_value(l, st, 0);
    return item != 0 && wd_ledger_find_item(l, (uint64_t)item, out);
}

/* Without an index: asked by people only, and an index of random keys would cost every
 * new item a page. */
bool wd_ledger_find_uri(wd_ledger *l, const char *uri_hex, wd_ledger_item *out)
{
    unsigned char uri[URI_BYTES];
    if (!uri_from_hex(uri_hex, uri))
        return false;
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_FIND_URI);
    wd_sql_blob(st, 1, (wd_span){ (const char *)uri, sizeof(uri) });
    int64_t item = wd_sql_value(l, st, 0);
    return item != 0 && wd_ledger_find_item(l, (uint64_t)item, out);
}

uint64_t wd_ledger_last_item(wd_ledger *l)
{
    return l->now.last_item;
}

typedef struct old_identity {
    int64_t feed, id_key, item, link_key;
    bool forget;
} old_identity;

static wd_status forget(wd_ledger *l, const old_identity *old)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_DROP_IDENTITY);
    wd_sql_int(st, 1, old->feed);
    wd_sql_int(st, 2, old->id_key);
    wd_sql_int(st, 3, old->item);
    wd_status s = wd_sql_run(l, st);
    if (s != WD_OK)
        return s;
    wd_sql_int(st = wd_sql_get(l, WD_SQL_DROP_ITEM), 1, old->item);
    s = wd_sql_run(l, st);
    if (s != WD_OK)
        return s;
    wd_sql_int(st = wd_sql_get(l, WD_SQL_DROP_TEXT), 1, old->item);
    s = wd_sql_run(l, st);
    if (s != WD_OK)
        return s;
    wd_sql_int(st = wd_sql_get(l, WD_SQL_DROP_DECISION), 1, old->item);
    s = wd_sql_run(l, st);
    if (s != WD_OK || old->link_key == 0)
        return s;
    wd_sql_int(st = wd_sql_get(l, WD_SQL_DROP_LINK), 1, old->link_key);
    wd_sql_int(st, 2, old->item);
    return wd_sql_run(l, st);
}

/* Looks at the next bite of identities, in the table's order. */
static size_t look(wd_ledger *l, int64_t before_day, old_identity *out, size_t max)
{
    sqlite3_stmt *st = wd_sql_get(l, WD_SQL_SWEEP_IDENTITY);
    wd_sql_int(st, 1, l->sweep.feed);
    wd_sql_int(st, 2, l->sweep.id_key);
    wd_sql_int(st, 3, l->sweep.item);
    wd_sql_int(st, 4, (int64_t)max);
    size_t n = 0;
    while (wd_sql_next(l, st))
        out[n++] = (old_identity){ .feed = wd_sql_column_int(st, 0),
                                   .id_key = wd_sql_column_int(st, 1),
                                   .item = wd_sql_column_int(st, 2),
                                   .forget = wd_sql_column_int(st, 3) < before_day,
                                   .link_key = wd_sql_column_int(st, 4) };
    return n;
}

#define SWEEP_ROWS 64u /* looked at in one go */

static wd_status sweep_identities(wd_ledger *l, int64_t before_day, uint32_t max_rows, bool *left)
{
    for (uint32_t seen = 0; seen < max_rows;) {
        old_identity row[SWEEP_ROWS];
        size_t want = max_rows - seen < SWEEP_ROWS ? max_rows - seen : SWEEP_ROWS;
        size_t n = look(l, before_day, row, want);
        for (size_t i = 0; i < n; i++) {
            wd_status s = row[i].forget ? forget(l, &row[i]) : WD_OK;
            if (s != WD_OK)
                return s;
        }
        seen += (uint32_t)n;
        if (n < want) { /* the end: the next sweep starts anew */
            memset(&l->sweep, 0, sizeof(l->sweep));
            l->sweep.id_key = INT64_MIN;
            return l->failed;
        }
        l->sweep.feed = row[n - 1].feed;
        l->sweep.id_key = row[n - 1].id_key;
        l->sweep.item = row[n - 1].item;
    }
    *left = true;
    return l->failed;
}

/* Rows of a table that is kept by age, oldest first. */
static wd_status expire_rows(
    wd_ledger *l, enum wd_sql which, int64_t before_ms, uint32_t max_rows, bool *left)
{
    sqlite3_stmt *st = wd_sql_get(l, which);
    wd_sql_int(st, 1, before_ms);
    wd_sql_int(st, 2, max_rows);
    wd_status s = wd_sql_run(l, st);
    if (s == WD_OK && (uint32_t)sqlite3_changes(l->db) == max_rows)
        *left = true;
    return s;
}

wd_status wd_ledger_expire(
    wd_ledger *l, int64_t texts_before_ms, int64_t ids_before_day, uint32_t max_rows, bool *left)
{
    bool mine, more = false;
    wd_status s = wd_ledger_join(l, false, &mine);
    if (s != WD_OK)
        return s;
    s = expire_rows(l, WD_SQL_EXPIRE_TEXT, texts_before_ms, max_rows, &more);
    if (s == WD_OK)
        s = expire_rows(l, WD_SQL_EXPIRE_DECISION, texts_before_ms, max_rows, &more);
    if (s == WD_OK)
        s = sweep_identities(l, ids_before_day, max_rows, &more);
    s = wd_ledger_leave(l, mine, s);
    if (s == WD_OK)
        *left = more;
    return s;
}
