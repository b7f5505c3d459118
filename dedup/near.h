/*
 * dedup/near.h - among the remembered texts, the one this is a copy of.
 *
 * Thread: one.  Asks memory, changes nothing in it.
 */
#pragma once

#include "dedup/memory.h"
#include "dedup/rules.h"

typedef struct wd_near wd_near;

WD_MUST_USE wd_status wd_near_new(wd_near **out);
void wd_near_free(wd_near *n);

typedef struct wd_near_question {
    const wd_desk_question *asked;
    wd_dedupe_scope scope;
    bool unmasked; /* do not look for boilerplate: it is as good as forgotten */
    uint64_t self; /* item not to be found: the one whose text is replaced; 0: none */
} wd_near_question;

typedef struct wd_near_answer {
    uint64_t copy_of; /* 0: none */
    uint64_t related; /* the nearest that is no copy; 0: none */
    uint64_t also_of; /* the root of another cluster that it is surely a copy of, too; 0: none */
    bool digest;      /* it has the stories of several clusters */
    bool revision;    /* `related` but for its facts */
    wd_evidence evidence; /* about copy_of, else about related */
    uint32_t compared;
} wd_near_answer;

/* First: finds the boilerplate of the text asked about.  All is borrowed until the next call. */
void wd_near_prepare(wd_near *n, wd_memory *m, const wd_rules *rules, const wd_near_question *q);

void wd_near_search(wd_near *n, wd_near_answer *out);

/* Where this text is boilerplate; and, after a search that found a copy, where it is the other's.
 */
const uint8_t *wd_near_mask(const wd_near *n);
const uint8_t *wd_near_copied(const wd_near *n);

/* Are the two within one scope? */
bool wd_near_admits(const wd_near_question *q, const wd_remembered *other);

/* A feed of low trust suppresses none of higher trust. */
bool wd_near_may_suppress(const wd_near_question *q, const wd_remembered *other);
