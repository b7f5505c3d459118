/* tests/support/ledger.h - a ledger in a directory of a test's own. */
#pragma once

#include "queue/ledger.h"
#include "tests/support/check.h"

static inline wd_ledger *ledger_opened(const char *dir)
{
    wd_ledger *l = NULL;
    wd_error err = { 0 };
    if (wd_ledger_open(&l, dir, &err) != WD_OK)
        fail_msg("open: %s", err.text);
    return l;
}
