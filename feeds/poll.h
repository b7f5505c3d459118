/*
 * feeds/poll.h - one poll of one feed: the unit that crosses from feeds to the desk and back.
 *
 * Owner: whoever holds the pointer.  The poller makes it, the pipeline carries it
 *        through worker and desk, wd_poller_finish() takes it back and frees it.
 *        Everything it points to lives in its arena.
 * Life:  1. poller: answer, reason, body, headers          (loop thread)
 *        2. pipeline: reading, from the parsed document     (worker, desk)
 *        3. wd_schedule_after() moves `state` forward       (desk thread)
 *        4. the ledger stores `state` (and validators when keep_validators)
 *        5. wd_poller_finish()                              (loop thread)
 *        What a hub pushed goes the same way (wd_poller_push_document()), except that 3 is
 *        wd_schedule_pushed() and that it brings no validators.
 */
#pragma once

#include "core/arena.h"
#include "core/span.h"
#include "feeds/feed.h"
#include "feeds/phase.h"

typedef enum wd_answer {
    WD_ANSWER_DOCUMENT,     /* a 200 (or 226) with a body that differs from the last one */
    WD_ANSWER_NOT_MODIFIED, /* 304 */
    WD_ANSWER_SAME_BODY,    /* 200, yet byte for byte the last accepted body */
    WD_ANSWER_FAILED,       /* see reason */
} wd_answer;

/* What the pipeline learned from the document; zeroed when there was none. */
typedef struct wd_poll_reading {
    bool foreign;     /* pushed, and by its own words the document of another feed */
    bool repaired;    /* it was not well formed, and read all the same */
    bool accepted;    /* parsed to its end: validators and body hash may be kept */
    wd_reason reason; /* why not, when not accepted */
    uint32_t items, items_new, items_updated;
    int64_t newest_ms, oldest_ms; /* item dates; WD_TIME_NONE: unknown */
    int32_t ttl_min;              /* -1: not said */
    int32_t update_every_s;       /* -1: not said */
    uint32_t skip_hours;
    uint8_t skip_days;
} wd_poll_reading;

typedef struct wd_poll {
    const wd_feed_config *config; /* borrowed; lives until wd_poller_finish */
    wd_feed_state state;
    wd_arena *arena;

    wd_answer answer;
    wd_reason reason; /* for FAILED; after reading also for an unaccepted document */
    char detail[160]; /* "connect to 127.0.0.1 port 9: Connection refused" */
    int32_t http_status;
    wd_span body; /* decoded, whole */
    uint64_t body_hash;
    wd_span final_url, content_type, content_location, content_language;
    wd_span links;                  /* its Link fields, as in wd_http_head */
    wd_validators validators;       /* to be kept, when wd_poll_keeps_validators() */
    int64_t max_age_s;              /* Cache-Control max-age minus Age; -1: not said */
    int64_t expires_ms;             /* WD_TIME_NONE: not said or max-age given */
    int64_t retry_after_ms;         /* duration; -1: not said */
    int64_t started_ms, fetched_ms; /* wall time */
    int64_t fetch_us;
    uint32_t phase_us[WD_PHASE_COUNT]; /* of its last hop; 0: there was no such phase */
    uint32_t parse_us, verdicts_us;    /* set by the pipeline */
    uint64_t wire_bytes;
    bool permanent_redirect;
    bool conditional;     /* the request carried validators */
    bool kept_validators; /* they are the ones that were sent: stored already */
    bool at_new_url;      /* asked where permanent redirects led, not at the configured URL */
    bool private_address; /* its host is on an allowed address that is not public */
    bool pushed;          /* a hub delivered it: nobody was asked */
    bool backup;          /* a hub delivers this feed's news: the next poll may wait longer */
    uint64_t selves[2];   /* pushed: hashes of what its document may call itself; 0: anything */
    bool first_contact;   /* set by wd_schedule_after(): the feed's first success */
    double stretch;       /* >= 1 (0: 1): adaptive intervals are this much longer (rule 1) */

    wd_poll_reading reading;
    void *payload; /* the pipeline's own, in the arena */
} wd_poll;

/* Whether the answer's validators are to be sent with the next request: only those that
 * came with a body that was accepted and committed (polling.md rule 10). */
static inline bool wd_poll_keeps_validators(const wd_poll *poll)
{
    if (poll->pushed)
        return false;
    return poll->answer == WD_ANSWER_NOT_MODIFIED || poll->answer == WD_ANSWER_SAME_BODY ||
           (poll->answer == WD_ANSWER_DOCUMENT && poll->reading.accepted);
}
