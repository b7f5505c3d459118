/* tests/unit/dedup/newsroom.h - a desk with a ledger of its own, and stories to ask about. */
#pragma once

#include "dedup/desk.h"
#include "tests/support/check.h"

typedef struct newsroom newsroom;

typedef struct story {
    uint32_t feed;
    const char *id; /* NULL: a fresh one */
    const char *title, *body, *link;
    bool untrusted; /* WD_TRUST_LOW instead of NORMAL */
    uint32_t group;
    int64_t at_ms;        /* 0: a second after the one before */
    int64_t published_ms; /* what the feed claims; 0: nothing */
} story;

/* A desk of usual size; `config` NULL or with what differs (0: usual). */
newsroom *newsroom_open(const wd_desk_config *config);
void newsroom_close(newsroom *n);
wd_desk *newsroom_desk(newsroom *n);

/* Asks and remembers, as the pipeline does. */
wd_verdict newsroom_ask(newsroom *n, const story *s);

/* A new desk that knows nothing yet but its next number. */
void newsroom_reopen(newsroom *n);

/* Gives the desk back what was stored, from item `from` on. */
void newsroom_restore(newsroom *n, uint64_t from);

/* Gives it back one whose text was replaced. */
void newsroom_retell(newsroom *n, uint64_t item);

/* A new desk that is given back what the old one had stored. */
void newsroom_restart(newsroom *n);

/* Prose of `words` fictional words, the same for the same seed; valid until the next call
 * with the same slot (0-7). */
const char *newsroom_prose(unsigned slot, uint64_t seed, unsigned words);
