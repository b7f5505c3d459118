/*
 * dedup/fingerprint.h - what the desk needs to know of one text, prepared away from it.
 *
 * Thread: any (workers make it); pure.  Owner: everything lives in the arena given.
 * Cost:   linear in the text, cut at WD_FINGERPRINT_WORDS tokens (dedup.md "Adversary").
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/item.h"

#define WD_FINGERPRINT_WORDS 3000u

/* A story as a credit names its agency: who, where it stood, how sure. */
typedef enum wd_credit_place {
    WD_CREDIT_NONE,
    WD_CREDIT_BYLINE,
    WD_CREDIT_DATELINE,
    WD_CREDIT_COPYRIGHT,
    WD_CREDIT_SOURCE_ELEMENT,
    WD_CREDIT_LINK_DOMAIN,
    WD_CREDIT_TRAILER,
    WD_CREDIT_TEXT,
} wd_credit_place;

/* As in the event schema's data.cluster.agency.evidence. */
const char *wd_credit_place_text(wd_credit_place place);

typedef struct wd_credit {
    const char *agency; /* static name, "Reuters"; NULL: none found */
    wd_credit_place place;
    float confidence; /* 0 to 1 */
} wd_credit;

typedef struct wd_token wd_token; /* dedup/words.h */

typedef struct wd_fingerprint {
    uint64_t id_key;        /* keyed hash of the item's id (dedup/identity.h) */
    uint64_t link_key;      /* keyed hash of the canonical link; 0: no usable link */
    uint64_t text_hash;     /* of the folded body; equal text, equal hash */
    uint64_t title_hash;    /* of the folded title */
    uint64_t content_hash;  /* of every field that would make an update (title, summary, body, link,
                               date) */
    uint32_t field_hash[8]; /* one each, in the order of enum wd_change */
    wd_token *tokens;       /* folded body; of title and body when the body is tiny */
    uint32_t n_tokens, n_title_tokens;
    wd_token *title_tokens;
    uint64_t *shingles; /* parallel to tokens; 0 where none starts */
    bool with_title;    /* tokens begin with the title: the body is tiny */
    bool digest;        /* as the desk judged it; packed, for a restart, as is ... */
    uint64_t joined;    /* ... the root of the cluster that it joined to its own; 0: none */
    wd_credit credit;
} wd_fingerprint;

/* `key` is the installation's (wd_ledger_hash_key): a feed cannot choose its hashes.
 * False only when the arena is exhausted. */
WD_MUST_USE bool wd_fingerprint_make(const wd_item *item,
                                     uint64_t key,
                                     wd_arena *arena,
                                     wd_fingerprint *out);

/* What must survive a restart, as bytes: see wd_desk_restore(). */
wd_span wd_fingerprint_pack(const wd_fingerprint *fp, wd_arena *arena);
