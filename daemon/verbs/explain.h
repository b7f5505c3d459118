/*
 * daemon/verbs/explain.h - what `wiredesk explain WHAT WHICH` can explain: one row, one file each
 * (daemon/explain_<what>.c).
 *
 * Read-only beside a running daemon; where it is not running, from what it left.
 */
#pragma once

#include "core/arena.h"
#include "core/buf.h"
#include "daemon/verbs/verb.h"
#include "queue/ledger.h"

typedef struct wd_explain_question {
    const wd_config *config;
    wd_ledger *ledger; /* open for reading */
    wd_arena *arena;   /* for as long as the answer takes */
    const char *which; /* the word behind the sub-verb */
    const wd_verb *verb;
    wd_buf *out; /* printed when the answer is WD_EXIT_OK */
} wd_explain_question;

/* Each returns an enum wd_exit and says what failed. */
int wd_explain_item(const wd_explain_question *q);
int wd_explain_of_feed(const wd_explain_question *q);
