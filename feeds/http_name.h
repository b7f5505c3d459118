/*
 * feeds/http_name.h - the addresses of the next hop's host: known, asked for, or none.
 *
 * Of the client's own files (feeds/http_impl.h).
 */
#pragma once

#include "feeds/http_impl.h"

typedef enum wd_name_state { WD_NAME_READY, WD_NAME_ASKED, WD_NAME_FAILED } wd_name_state;

/* Whether the host of t->target, or its proxy, may be connected to: READY when its addresses are
 * known or need no asking; ASKED: `done` will be called; FAILED: t->error says why. */
wd_name_state wd_http_name_find(wd_transfer *t, wd_lookup_done done);

/* As above, of the answer that `done` was given. */
wd_name_state wd_http_name_take(wd_transfer *t, const wd_dns_answer *answer);

/* What FAILED is called: a proxy's trouble is not the feed's. */
wd_reason wd_http_name_reason(const wd_transfer *t);

/* A connect failed: what is remembered of the host may be why. */
void wd_http_name_distrust(wd_transfer *t);
