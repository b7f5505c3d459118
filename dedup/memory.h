/*
 * dedup/memory.h - the texts of the window: who they are, where their words are, who has
 * which shingle.  Bounded by age and by number; the oldest leave first.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dedup/buckets.h"
#include "dedup/desk.h"
#include "dedup/frequency.h"
#include "dedup/rules.h"
#include "dedup/texts.h"

_Static_assert(WD_DESK_MAX_ITEMS == WD_BUCKET_VALUES - 2, "an item number fits an entry");

enum wd_remembered_flag {
    WD_REMEMBERED = 1u << 0, /* the place is taken */
    WD_REMEMBERED_DIGEST = 1u << 1,
    WD_REMEMBERED_TITLED = 1u << 2, /* the words begin with the title: a tiny body */
};

typedef struct wd_remembered {
    int64_t first_seen_ms;
    uint64_t text; /* dedup/texts.h */
    int32_t
        back; /* its number minus its cluster's root's; on a root: the root's it was joined to */
    uint32_t feed, group;
    uint32_t title, exact; /* of the hashes */
    uint32_t members;      /* of its cluster when it joined; on the root: now */
    uint16_t words;
    uint8_t trust, flags;
    uint8_t agency, place, sureness; /* the cluster's best credit as then known */
    uint8_t entries;                 /* in the index */
} wd_remembered;

_Static_assert(sizeof(wd_remembered) == 48, "counted for every item of the window");

typedef struct wd_memory {
    wd_remembered *items; /* a ring: number modulo room */
    uint32_t room;
    uint32_t held;
    uint64_t oldest, next; /* numbers: the first perhaps held, the next to come */
    wd_buckets index;
    wd_texts *texts;
    wd_frequency frequency;
} wd_memory;

WD_MUST_USE wd_status wd_memory_init(wd_memory *m, uint32_t max_items, const char *dir);
void wd_memory_done(wd_memory *m);

/* NULL when it is not remembered, or no more. */
wd_remembered *wd_memory_get(const wd_memory *m, uint64_t item);

/* The root of an item's cluster, also where that was joined to another since.  The root itself
 * may have left; its number stays the cluster's name. */
uint64_t wd_memory_cluster(const wd_memory *m, uint64_t item);

/* The cluster of `root` bears the name of another root from now on.  False: one of them has left,
 * or they are one already. */
bool wd_memory_join(wd_memory *m, uint64_t root, uint64_t name);

/* Forgets what was first seen before `before_ms`. */
void wd_memory_expire(wd_memory *m, int64_t before_ms);

/* Item numbers whose text has this shingle, newest last; at most WD_BUCKET_ENTRIES. */
size_t wd_memory_who_has(const wd_memory *m, uint64_t shingle, uint64_t *items);

/* The same of a bucket of the index, of which `matching` are the shingle's entries. */
size_t wd_memory_owners(const wd_memory *m,
                        const wd_bucket *bucket,
                        uint32_t matching,
                        uint64_t *items);

/* Takes the place of number `item` (forgetting who was there); words and index follow. */
wd_remembered *wd_memory_place(wd_memory *m, uint64_t item);

/* A number that nothing is remembered under. */
uint64_t wd_memory_skip(wd_memory *m);

/* Keeps the words of an item that is in its place. */
void wd_memory_put_text(wd_memory *m, wd_remembered *r, const wd_fingerprint *fp);

/* Indexes them.  `mask` as in dedup/frequency.h. */
void wd_memory_index(wd_memory *m,
                     uint64_t item,
                     const wd_fingerprint *fp,
                     const uint8_t *mask,
                     const wd_rules *rules);

/* Takes an item's words out of the index again: its text was replaced. */
void wd_memory_unindex(wd_memory *m, uint64_t item, const wd_rules *rules);

/* The words of an item; borrowed until the next call. */
bool wd_memory_text(wd_memory *m, const wd_remembered *item, wd_stored_text *out);

/* The key under which equal texts meet in the index. */
uint64_t wd_memory_exact_key(uint64_t text_hash);

/* After items were put back in whatever way: `next` is the next number, and the entries are
 * counted anew. */
void wd_memory_settle(wd_memory *m, uint64_t next);

size_t wd_memory_bytes(const wd_memory *m);
