/* feeds/gunzip.c - zlib's inflate, a window at a time. */
#include "feeds/gunzip.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#define PIECE_BYTES  (16u * 1024u)
#define EITHER_HEAD  (MAX_WBITS + 32) /* zlib.h: gzip's or zlib's, by its first bytes */
#define NO_HEAD      (-MAX_WBITS)
#define MOST_AT_ONCE ((size_t)1 << 30) /* zlib counts in 32 bits */

struct wd_gunzip {
    z_stream stream;
    bool ended, broken;
    bool again;                       /* a further member, of which nothing came yet */
    unsigned char piece[PIECE_BYTES]; /* never cleared: it is most of this */
};

bool wd_gunzip_is_gzip(wd_span encoding)
{
    wd_span e = wd_span_trim(encoding);
    return wd_span_is_nocase(e, "gzip") || wd_span_is_nocase(e, "x-gzip");
}

bool wd_gunzip_knows(wd_span encoding)
{
    return wd_gunzip_is_gzip(encoding) || wd_span_is_nocase(wd_span_trim(encoding), "deflate");
}

static wd_status begin(wd_gunzip **out, int window_bits)
{
    wd_gunzip *g = malloc(sizeof(*g));
    if (g == NULL)
        return WD_NOMEM;
    memset(g, 0, offsetof(wd_gunzip, piece));
    if (inflateInit2(&g->stream, window_bits) != Z_OK) {
        free(g);
        return WD_NOMEM;
    }
    *out = g;
    return WD_OK;
}

wd_status wd_gunzip_new(wd_gunzip **out)
{
    return begin(out, EITHER_HEAD);
}

wd_status wd_gunzip_new_bare(wd_gunzip **out)
{
    return begin(out, NO_HEAD);
}

void wd_gunzip_free(wd_gunzip *g)
{
    if (g == NULL)
        return;
    inflateEnd(&g->stream);
    free(g);
}

static wd_status refuse(wd_gunzip *g, wd_status s)
{
    g->broken = true;
    return s;
}

wd_status wd_gunzip_feed(wd_gunzip *g,
                         wd_span bytes,
                         bool (*take)(void *ctx, wd_span decoded),
                         void *ctx)
{
    z_stream *z = &g->stream;
    if (g->broken || bytes.len > MOST_AT_ONCE)
        return refuse(g, WD_MALFORMED);
    z->next_in = (const unsigned char *)bytes.ptr;
    z->avail_in = (uInt)bytes.len;
    do {
        if (g->ended && z->avail_in > 0) { /* RFC 1952 2.2: members may follow one another */
            g->ended = false;
            g->again = true;
            inflateReset(z);
        }
        z->next_out = g->piece;
        z->avail_out = PIECE_BYTES;
        int rc = inflate(z, Z_NO_FLUSH);
        wd_span decoded = { (const char *)g->piece, PIECE_BYTES - z->avail_out };
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return refuse(g, WD_MALFORMED);
        g->again = g->again && decoded.len == 0;
        if (decoded.len > 0 && !take(ctx, decoded))
            return refuse(g, WD_LIMIT);
        g->ended = rc == Z_STREAM_END;
    } while (z->avail_in > 0 || z->avail_out == 0);
    return WD_OK;
}

bool wd_gunzip_trails(const wd_gunzip *g)
{
    return g->broken && g->again;
}

bool wd_gunzip_ended(const wd_gunzip *g)
{
    return g->ended && !g->broken;
}
