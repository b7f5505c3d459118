/*
 * feeds/http_body.h - one answer's body, collected under its ceilings: bytes on the wire,
 * bytes after decompression, and how many times over it was inflated.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"

typedef enum wd_body_stop {
    WD_BODY_RUNNING,
    WD_BODY_WIRE,    /* over max_wire */
    WD_BODY_DECODED, /* over the buffer's ceiling */
    WD_BODY_BOMB,    /* inflates more than a hundredfold */
    WD_BODY_ENOUGH,  /* not wanted, and read far enough */
    WD_BODY_NOMEM,
    WD_BODY_GARBLED, /* not what its Content-Encoding says */
    WD_BODY_UNKNOWN, /* a Content-Encoding that we cannot undo */
} wd_body_stop;

typedef struct wd_http_body {
    wd_buf bytes; /* its limit is the ceiling after decompression */
    uint64_t max_wire;
    uint64_t decoded;     /* seen so far, kept or dropped */
    uint64_t socket_base; /* what the connection had received when first asked; 0: not yet */
    wd_body_stop stop;
} wd_http_body;

#define WD_HTTP_BODY_INIT(wire, decoded_)                                                          \
    ((wd_http_body){ .bytes = WD_BUF_INIT(decoded_), .max_wire = (wire) })

/* For the next answer; a large buffer is given back when `shrink`. */
void wd_http_body_reset(wd_http_body *b, bool shrink);
void wd_http_body_done(wd_http_body *b);

/* What has come so far, also when nothing of it was decoded: `wire` of the body, `socket` of the
 * connection since it stands (0: not known).  False: as below. */
bool wd_http_body_arrived(wd_http_body *b, uint64_t wire, uint64_t socket);

/* Whether so many decoded bytes of `wire` would be taken. */
bool wd_http_body_may_become(const wd_http_body *b, uint64_t decoded, uint64_t wire);

/* Takes decoded bytes, `wire` of which have come so far before decoding; those of an answer
 * that is not `wanted` are dropped.  False: b->stop says why the transfer has to end. */
bool wd_http_body_take(wd_http_body *b, wd_span bytes, uint64_t wire, bool wanted);
