/* tests/support/ledger.h - a ledger in a directory of a test's own. */
#pragma once

#include "core/clock.h"
#include "queue/ledger_items.h"
#include "tests/support/check.h"

static inline wd_ledger *ledger_opened(const char *dir)
{
    wd_ledger *l = NULL;
    wd_error err = { 0 };
    if (wd_ledger_open(&l, dir, &err) != WD_OK)
        fail_msg("open: %s", err.text);
    return l;
}

/* One whose every field tells its number, first seen on that day. */
static inline wd_ledger_item ledger_item_of(uint64_t number, uint32_t feed)
{
    wd_ledger_item item = { .item = number,
                            .cluster = number,
                            .feed = feed,
                            .first_seen_ms = (int64_t)number * WD_DAY_MS,
                            .content_hash = number * 3,
                            .text_hash = UINT64_MAX - number,
                            .id_key = number * 7919,
                            .link_key = number * 104729,
                            .revision = 1,
                            .packed = WD_SPAN_LIT("packed text") };
    snprintf(item.uri_hex, sizeof(item.uri_hex), "%024llx", (unsigned long long)number);
    for (uint32_t i = 0; i < 8; i++)
        item.field_hash[i] = (uint32_t)number + i;
    return item;
}

static inline void ledger_add(wd_ledger *l, uint64_t number, uint32_t feed)
{
    wd_ledger_item item = ledger_item_of(number, feed);
    assert_ok(wd_ledger_begin(l));
    assert_ok(wd_ledger_add_item(l, &item));
    assert_ok(wd_ledger_commit(l));
}
