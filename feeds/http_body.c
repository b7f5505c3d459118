/* feeds/http_body.c - judged at every piece, so that a bomb costs one buffer, not its size. */
#include "feeds/http_body.h"

/* A kept-for-reuse buffer larger than this would add up over the pool. */
#define KEPT_BUFFER_BYTES 65536u

/* An error page is read this far, so that its connection can be used again. */
#define DROPPED_BODY_BYTES 65536u

/* Text packs twentyfold, rarely fifty; bombs a thousandfold.  Small bodies are let be. */
#define INFLATE_RATIO      100u
#define INFLATE_FREE_BYTES (1024u * 1024u)

/* The wire is counted a buffer late: curl adds what it has read after handing it on. */
#define WIRE_SLACK_BYTES 16384u

/* On a connection beside the body: headers, and what chunks, TLS and HTTP/2 add. */
#define FRAMING_BYTES (1024u * 1024u)

void wd_http_body_reset(wd_http_body *b, bool shrink)
{
    if (shrink && b->bytes.cap > KEPT_BUFFER_BYTES)
        wd_buf_done(&b->bytes);
    wd_buf_reset(&b->bytes);
    b->decoded = 0;
    b->socket_base = 0;
    b->stop = WD_BODY_RUNNING;
}

void wd_http_body_done(wd_http_body *b)
{
    wd_buf_done(&b->bytes);
}

static wd_body_stop judge(const wd_http_body *b, uint64_t decoded, uint64_t wire)
{
    if (wire > b->max_wire)
        return WD_BODY_WIRE;
    if (decoded > b->bytes.limit)
        return WD_BODY_DECODED;
    if (decoded > INFLATE_FREE_BYTES && decoded / INFLATE_RATIO > wire + WIRE_SLACK_BYTES)
        return WD_BODY_BOMB;
    return WD_BODY_RUNNING;
}

bool wd_http_body_may_become(const wd_http_body *b, uint64_t decoded, uint64_t wire)
{
    return judge(b, decoded, wire) == WD_BODY_RUNNING;
}

bool wd_http_body_arrived(wd_http_body *b, uint64_t wire, uint64_t socket)
{
    if (b->socket_base == 0)
        b->socket_base = socket;
    if (wire > b->max_wire || socket - b->socket_base > b->max_wire + FRAMING_BYTES)
        b->stop = WD_BODY_WIRE;
    return b->stop != WD_BODY_WIRE;
}

bool wd_http_body_take(wd_http_body *b, wd_span bytes, uint64_t wire, bool wanted)
{
    b->decoded += bytes.len;
    if (!wanted)
        b->stop = b->decoded > DROPPED_BODY_BYTES ? WD_BODY_ENOUGH : WD_BODY_RUNNING;
    else
        b->stop = judge(b, b->decoded, wire);
    if (b->stop == WD_BODY_RUNNING && wanted && wd_buf_append_span(&b->bytes, bytes) != WD_OK)
        b->stop = WD_BODY_NOMEM;
    return b->stop == WD_BODY_RUNNING;
}
