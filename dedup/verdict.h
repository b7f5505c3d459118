/*
 * dedup/verdict.h - the desk's answer about one item, with its evidence.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dedup/fingerprint.h"

typedef enum wd_verdict_kind {
    WD_SEEN,     /* this feed's item, unchanged: nothing to say */
    WD_NEW,      /* a text not met before */
    WD_UPDATED,  /* this feed's item, changed */
    WD_COPY,     /* the text of another item */
    WD_REVISION, /* nearly the text of another, with a fact changed: emitted, never dropped */
} wd_verdict_kind;

const char *wd_verdict_text(wd_verdict_kind kind); /* "seen", "new", ... */

/* Which rule decided; the text goes into the event and into --explain. */
#define WD_RULE_LIST(X)                                                                            \
    X(NONE, "none")                                                                                \
    X(SAME_ID, "same-guid")                                                                        \
    X(SAME_LINK, "same-canonical-link")                                                            \
    X(EXACT_TEXT, "exact-text")                                                                    \
    X(CONTAINMENT, "shingle-containment")                                                          \
    X(TITLE, "title")

typedef enum wd_rule {
#define X(name, text) WD_RULE_##name,
    WD_RULE_LIST(X)
#undef X
} wd_rule;

const char *wd_rule_text(wd_rule rule);

/* What changed in an update; bit numbers index wd_fingerprint.field_hash. */
enum wd_change {
    WD_CHANGE_HEADLINE = 1u << 0,
    WD_CHANGE_SUMMARY = 1u << 1,
    WD_CHANGE_BODY = 1u << 2,
    WD_CHANGE_LINK = 1u << 3,
    WD_CHANGE_DATE = 1u << 4,
    WD_CHANGE_BY = 1u << 5,
    WD_CHANGE_MEDIA = 1u << 6,
};

typedef struct wd_evidence {
    wd_rule rule;
    float cover_this;     /* share of this item's own text found in the other, 0-1 */
    float cover_other;    /* the reverse */
    uint32_t longest_run; /* words */
    uint32_t numbers, numbers_agreed;
    const char *note; /* static: why a near match was not a copy ("numbers-differ", "digest" ...),
                         or NULL */
} wd_evidence;

typedef struct wd_verdict {
    wd_verdict_kind kind;
    uint64_t item;    /* this item's number, from 1; the known one for SEEN and UPDATED */
    uint64_t cluster; /* number of the cluster's root item; own number when alone */
    uint64_t matched; /* item compared with for COPY and REVISION, 0 otherwise */
    uint64_t joined;  /* COPY: the root of a cluster that bears this one's name from now on; 0 */
    uint64_t related; /* NEW, yet close to this one; 0: none */
    uint32_t cluster_size; /* members known, this one included */
    uint32_t changes;      /* enum wd_change, for UPDATED */
    bool digest;           /* it tells the stories of several clusters */
    wd_evidence evidence;
    wd_credit credit; /* the cluster's best so far */
} wd_verdict;
