/*
 * daemon/reading.h - one answer read: the document, and its stories ready for the desk.
 *
 * Thread: made on a worker from the poll's own bytes, then handed on with the poll.
 * Owner:  lives in the poll's arena, as wd_poll.payload.
 */
#pragma once

#include "daemon/config/config.h"
#include "dedup/verdict.h"
#include "feeds/poll.h"
#include "parsers/parse.h"
#include "queue/outbox.h"

typedef struct wd_story {
    wd_item *item;
    wd_fingerprint fp;
    char uri_hex[25];    /* urn:wiredesk:item: in 24 hex digits; keyed per installation */
    bool backfill;       /* was there before this feed was first read */
    bool silent;         /* too far back to be told: only its identity is kept */
    wd_outbox_slot slot; /* the event that tells it; seq 0: none does */
    bool decided;        /* verdict holds: a repeated transaction must not ask again */
    wd_verdict verdict;
} wd_story;

typedef struct wd_reading {
    wd_feed_doc doc;
    wd_story *stories; /* in the order they are told: oldest first */
    size_t n_stories;
    bool guid_policy_changed; /* this document is the first that repeats an id over stories */
} wd_reading;

typedef struct wd_reading_spec {
    uint64_t hash_key;
    wd_backfill backfill;
    int64_t now_ms;
} wd_reading_spec;

/* Parses and fingerprints; fills poll->reading and poll->payload.  The poll's body is written
 * over: items live where they stood.  A document that cannot be used leaves payload NULL and
 * says why in poll->reading.reason. */
void wd_reading_make(wd_poll *poll, const wd_reading_spec *spec);
