/*
 * queue/event.h - one verdict as the JSON that consumers read: CloudEvents 1.0 around
 * IPTC ninjs 3.1 (docs/schema/event-v1.schema.json).
 *
 * Pure.  Owner: the JSON is appended to the caller's buffer (ceiling WD_EVENT_BYTES).
 */
#pragma once

#include "core/buf.h"
#include "core/item.h"
#include "core/status.h"
#include "queue/outbox.h"

/* A near or exact match that was found; kinds as in the schema. */
typedef struct wd_event_evidence {
    const char *kind; /* "shingle-containment" */
    double score;
    wd_span with; /* uri of the item compared with */
    double cover_this, cover_other;
    uint32_t longest_run, numbers, numbers_agreed;
    const char *note; /* NULL: none */
} wd_event_evidence;

typedef struct wd_event_agency {
    wd_span name; /* absent: none */
    const char *evidence;
    double confidence;
} wd_event_agency;

typedef struct wd_event_item {
    wd_outbox_slot slot;
    const char *type;   /* "item.new", "item.updated", "item.copy", "item.revision" */
    int64_t now_ms;     /* commit time */
    const char *source; /* "urn:wiredesk:<producer>" */

    const wd_item *item;
    const char *uri_hex;
    uint32_t revision;

    const char *feed_slug;                   /* origin */
    wd_span feed_url, feed_title, publisher; /* feed_url already redacted */
    wd_span etag;
    int64_t fetched_ms, first_seen_ms;
    uint32_t flags; /* of item and document together */

    const char *cluster_hex; /* uri_hex of the root item */
    const char *role;        /* "canonical", "copy", "single" */
    uint32_t cluster_size;
    wd_event_agency agency;
    const wd_event_evidence *evidence;
    size_t n_evidence;
    uint32_t changes; /* bits as in dedup's wd_change, for item.updated */
} wd_event_item;

/* Appends the event.  A body that would pass the ceiling is cut at a character and
 * flagged truncated-body; WD_LIMIT only when even that does not fit. */
wd_status wd_event_write_item(const wd_event_item *e, wd_buf *out);

/* data of stream.gap: numbers from..to will never come, and why
 * ("outbox-retention", "outbox-overflow", "operator-reset"). */
typedef struct wd_event_gap {
    wd_outbox_slot slot;
    int64_t now_ms;
    const char *source, *stream;
    uint64_t from, to;
    const char *reason;
} wd_event_gap;

wd_status wd_event_write_gap(const wd_event_gap *gap, wd_buf *out);

/* The same event under another number (a restored outbox): id, sequence and streamid
 * are written anew.  WD_MALFORMED when `event` was not written here. */
wd_status wd_event_renumber(wd_span event, const wd_outbox_slot *slot, wd_buf *out);
