/*
 * daemon/verbs/trial.h - one poll of one feed for somebody who watches: asked as the daemon would
 * ask, read as it would read, and nothing of it stored.
 */
#pragma once

#include "daemon/reading.h"
#include "daemon/roster.h"
#include "daemon/verbs/errand.h"

/* A server may send far more header lines; who reads them has seen enough. */
#define WD_TRIAL_LINES 256u

typedef struct wd_trial_line {
    wd_span url;  /* of the hop that sent it */
    wd_span text; /* without its line's end; a status line begins with "HTTP/" */
} wd_trial_line;

/* What the ledger knows of an item of the document. */
typedef enum wd_trial_known { WD_TRIAL_NEW, WD_TRIAL_CHANGED, WD_TRIAL_KNOWN } wd_trial_known;

typedef struct wd_trial {
    const wd_config *config;
    wd_poll poll; /* as after a real one: state, next due time and reading */
    wd_validators sent;
    wd_http_reply reply;
    wd_trial_line lines[WD_TRIAL_LINES];
    size_t n_lines;
    const wd_reading *reading;   /* NULL: there was no document, or it could not be used */
    const wd_trial_known *known; /* parallel to its stories; NULL: there is no ledger */
    int64_t now_ms;
} wd_trial;

typedef struct wd_trial_spec {
    const wd_config *config;
    const wd_feed_config *feed;
    const wd_feed_state *state;       /* what is remembered of it; NULL: nothing */
    const char *etag, *last_modified; /* to be sent; NULL or "": none */
    wd_ledger *ledger;                /* for what is known of its items; NULL: there is none */
} wd_trial_spec;

/* False: no memory.  Everything lives until wd_trial_free(). */
WD_MUST_USE bool wd_trial_make(wd_trial **out, const wd_trial_spec *spec);
void wd_trial_free(wd_trial *t);

/* A document that was read to its end, or a 304. */
bool wd_trial_worked(const wd_trial *t);

/* For people, and as one JSON object. */
void wd_trial_write(const wd_trial *t, wd_buf *out);
void wd_trial_write_json(const wd_trial *t, wd_buf *out);
