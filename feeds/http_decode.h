/*
 * feeds/http_decode.h - one answer's body with a Content-Encoding, undone at once or as it comes.
 *
 * Of the client's own files (feeds/http_impl.h).
 */
#pragma once

#include "core/buf.h"
#include "feeds/decoder.h"
#include "feeds/http_body.h"
#include "feeds/whole_gzip.h"

struct wd_transfer;

typedef struct wd_http_coded {
    bool begun;          /* its head was asked once: */
    bool small_gzip;     /* is it to be gathered? */
    wd_buf gathered;     /* what was, so far; else: */
    wd_decoder *decoder; /* NULL: nothing was given to it yet */
    uint64_t wire;       /* bytes so far */
    wd_span inflated;    /* the whole body, in the request's arena, instead of wd_transfer.body */
} wd_http_coded;

void wd_http_decode_init(wd_http_coded *c);
void wd_http_decode_reset(wd_http_coded *c); /* for the next answer */
void wd_http_decode_done(wd_http_coded *c);

/* The next bytes of the body, `wire` of which have come so far; and the end of it.  False:
 * t->body.stop says why. */
bool wd_http_decode_take(struct wd_transfer *t, wd_span bytes, uint64_t wire);
bool wd_http_decode_end(struct wd_transfer *t);
