/* feeds/decoder.c - a line of decoders, each feeding the next, the last one its reader. */
#include "feeds/decoder.h"

#include <brotli/decode.h>
#include <stdlib.h>
#include <zstd.h>

#include "feeds/gunzip.h"

#define MOST_STAGES 4u /* two were seen, of servers behind a compressing proxy */
#define PIECE_BYTES (16u * 1024u)
#define ZSTD_WINDOW 23 /* RFC 9659: 8 MB and no more where zstd is a Content-Encoding */

struct wd_decoder;

typedef struct stage {
    struct wd_decoder *whole;
    wd_status (*feed)(struct stage *s, wd_span bytes);
    wd_gunzip *gunzip;
    BrotliDecoderState *brotli;
    ZSTD_DStream *zstd;
    char *piece;  /* of br and zstd, where they leave what they decoded */
    bool deflate; /* its first byte tells whether RFC 1950 or bare */
    bool ended;   /* what follows is left out */
} stage;

struct wd_decoder {
    stage stage[MOST_STAGES]; /* the one applied last comes first */
    size_t n;
    bool (*take)(void *ctx, wd_span decoded);
    void *ctx;
    wd_status why; /* of a later stage that refused */
};

static bool give(stage *s, wd_span decoded)
{
    wd_decoder *d = s->whole;
    stage *next = s + 1;
    if (decoded.len == 0)
        return true;
    if (next < d->stage + d->n)
        d->why = next->ended ? WD_OK : next->feed(next, decoded);
    else if (!d->take(d->ctx, decoded))
        d->why = WD_LIMIT;
    return d->why == WD_OK;
}

static wd_span piece_of(const stage *s, size_t left)
{
    return (wd_span){ s->piece, PIECE_BYTES - left };
}

/* --- gzip, deflate --------------------------------------------------------------- */

static bool gunzipped(void *ctx, wd_span decoded)
{
    return give(ctx, decoded);
}

/* RFC 1950 begins with its method, 8; bare deflate with a block's kind, of which that is none. */
static bool is_bare(wd_span bytes)
{
    return ((unsigned char)bytes.ptr[0] & 0x0f) != 8;
}

static wd_status feed_gunzip(stage *s, wd_span bytes)
{
    if (s->gunzip == NULL) {
        wd_status made = s->deflate && is_bare(bytes) ? wd_gunzip_new_bare(&s->gunzip)
                                                      : wd_gunzip_new(&s->gunzip);
        if (made != WD_OK)
            return made;
    }
    wd_status status = wd_gunzip_feed(s->gunzip, bytes, gunzipped, s);
    if (status == WD_MALFORMED && wd_gunzip_trails(s->gunzip)) {
        s->ended = true;
        return WD_OK;
    }
    return status == WD_LIMIT ? s->whole->why : status;
}

/* --- br ------------------------------------------------------------------------------ */

static wd_status feed_brotli(stage *s, wd_span bytes)
{
    const uint8_t *in = (const uint8_t *)bytes.ptr;
    size_t left = bytes.len;
    BrotliDecoderResult rc = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (rc == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
        uint8_t *out = (uint8_t *)s->piece;
        size_t room = PIECE_BYTES;
        rc = BrotliDecoderDecompressStream(s->brotli, &left, &in, &room, &out, NULL);
        if (rc == BROTLI_DECODER_RESULT_ERROR)
            return WD_MALFORMED;
        if (!give(s, piece_of(s, room)))
            return s->whole->why;
    }
    s->ended = rc == BROTLI_DECODER_RESULT_SUCCESS;
    return WD_OK;
}

/* --- zstd ------------------------------------------------------------------------------ */

static wd_status feed_zstd(stage *s, wd_span bytes)
{
    ZSTD_inBuffer in = { bytes.ptr, bytes.len, 0 };
    ZSTD_outBuffer out = { .pos = PIECE_BYTES, .size = PIECE_BYTES };
    while (in.pos < in.size || out.pos == out.size) {
        out = (ZSTD_outBuffer){ s->piece, PIECE_BYTES, 0 };
        size_t rc = ZSTD_decompressStream(s->zstd, &out, &in);
        if (ZSTD_isError(rc))
            return WD_MALFORMED;
        if (!give(s, piece_of(s, PIECE_BYTES - out.pos)))
            return s->whole->why;
    }
    return WD_OK;
}

/* --- interface ----------------------------------------------------------------------------- */

static wd_status begin(stage *s, wd_span name)
{
    if (wd_gunzip_knows(name)) {
        s->deflate = wd_span_is_nocase(name, "deflate");
        s->feed = feed_gunzip; /* made when its first byte is there */
        return WD_OK;
    }
    bool brotli = wd_span_is_nocase(name, "br");
    if (!brotli && !wd_span_is_nocase(name, "zstd"))
        return WD_UNSUPPORTED;
    s->piece = malloc(PIECE_BYTES);
    if (s->piece == NULL)
        return WD_NOMEM;
    if (brotli) {
        s->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL);
        s->feed = feed_brotli;
        return s->brotli != NULL ? WD_OK : WD_NOMEM;
    }
    s->zstd = ZSTD_createDStream();
    s->feed = feed_zstd;
    if (s->zstd == NULL)
        return WD_NOMEM;
    (void)ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW);
    return WD_OK;
}

/* From the last field value to the first. */
static wd_status add_stages(wd_decoder *d, wd_span encodings)
{
    while (encodings.len > 0) {
        size_t at = encodings.len;
        while (at > 0 && encodings.ptr[at - 1] != ',')
            at--;
        wd_span name = wd_span_trim(wd_span_from(encodings, at));
        encodings = wd_span_head(encodings, at > 0 ? at - 1 : 0);
        if (name.len == 0 || wd_span_is_nocase(name, "identity"))
            continue;
        if (d->n >= MOST_STAGES)
            return WD_UNSUPPORTED;
        stage *s = &d->stage[d->n++];
        s->whole = d;
        wd_status status = begin(s, name);
        if (status != WD_OK)
            return status;
    }
    return WD_OK;
}

wd_status wd_decoder_new(wd_decoder **out, wd_span encodings)
{
    wd_decoder *d = calloc(1, sizeof(*d));
    if (d == NULL)
        return WD_NOMEM;
    wd_status s = add_stages(d, encodings);
    if (s != WD_OK) {
        wd_decoder_free(d);
        return s;
    }
    *out = d;
    return WD_OK;
}

void wd_decoder_free(wd_decoder *d)
{
    for (size_t i = 0; d != NULL && i < d->n; i++) {
        wd_gunzip_free(d->stage[i].gunzip);
        if (d->stage[i].brotli != NULL)
            BrotliDecoderDestroyInstance(d->stage[i].brotli);
        ZSTD_freeDStream(d->stage[i].zstd);
        free(d->stage[i].piece);
    }
    free(d);
}

wd_status wd_decoder_feed(wd_decoder *d,
                          wd_span bytes,
                          bool (*take)(void *ctx, wd_span decoded),
                          void *ctx)
{
    d->take = take;
    d->ctx = ctx;
    if (d->why != WD_OK || bytes.len == 0)
        return d->why;
    if (d->n == 0)
        return d->why = take(ctx, bytes) ? WD_OK : WD_LIMIT;
    if (!d->stage[0].ended)
        d->why = d->stage[0].feed(&d->stage[0], bytes);
    return d->why;
}
