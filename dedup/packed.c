/* dedup/packed.c - little-endian, versioned; the words are most of it.
 *
 *   u8 version, u8 flags, u8 agency name's length, u8 place, u8 sureness (0-200)
 *   u16 title words, u16 words, u64 text hash, u64 title hash
 *   agency name, title words, words; u64 joined root when the flags say so
 */
#include "dedup/packed.h"

#include <endian.h>
#include <string.h>

#include "dedup/credit.h"
#include "dedup/shingles.h"
#include "dedup/texts.h"
#include "dedup/words.h"

enum { VERSION = 1, WITH_TITLE = 1, DIGEST = 2, JOINED = 4, HEAD_BYTES = 25, SURENESS_ONE = 200 };

static void put16(unsigned char *at, uint16_t v)
{
    v = htole16(v);
    memcpy(at, &v, sizeof(v));
}

static void put64(unsigned char *at, uint64_t v)
{
    v = htole64(v);
    memcpy(at, &v, sizeof(v));
}

static uint16_t get16(const unsigned char *at)
{
    uint16_t v;
    memcpy(&v, at, sizeof(v));
    return le16toh(v);
}

static uint64_t get64(const unsigned char *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof(v));
    return le64toh(v);
}

wd_span wd_fingerprint_pack(const wd_fingerprint *fp, wd_arena *arena)
{
    size_t n_title = fp->n_title_tokens < WD_TITLE_WORDS ? fp->n_title_tokens : WD_TITLE_WORDS;
    size_t agency = fp->credit.agency != NULL ? strlen(fp->credit.agency) : 0;
    size_t joined = fp->joined != 0 ? sizeof(fp->joined) : 0;
    size_t bytes = HEAD_BYTES + agency + 2 * (n_title + fp->n_tokens) + joined;
    unsigned char *to = wd_arena_alloc(arena, bytes);
    if (to == NULL)
        return WD_SPAN_NONE;
    to[0] = VERSION;
    to[1] = (unsigned char)((fp->with_title ? WITH_TITLE : 0) | (fp->digest ? DIGEST : 0) |
                            (joined ? JOINED : 0));
    to[2] = (unsigned char)agency;
    to[3] = (unsigned char)fp->credit.place;
    to[4] = (unsigned char)(fp->credit.confidence * SURENESS_ONE);
    put16(to + 5, (uint16_t)n_title);
    put16(to + 7, (uint16_t)fp->n_tokens);
    put64(to + 9, fp->text_hash);
    put64(to + 17, fp->title_hash);
    memcpy(to + HEAD_BYTES, fp->credit.agency ? fp->credit.agency : "", agency);
    unsigned char *words = to + HEAD_BYTES + agency;
    for (size_t i = 0; i < n_title; i++, words += 2)
        put16(words, fp->title_tokens[i].bits);
    for (size_t i = 0; i < fp->n_tokens; i++, words += 2)
        put16(words, fp->tokens[i].bits);
    if (joined != 0)
        put64(words, fp->joined);
    return (wd_span){ (const char *)to, bytes };
}

static wd_token *unpack_words(const unsigned char *from, size_t n, wd_arena *arena)
{
    wd_token *tokens = wd_arena_alloc(arena, (n + 1) * sizeof(*tokens));
    for (size_t i = 0; tokens != NULL && i < n; i++)
        tokens[i].bits = get16(from + 2 * i);
    return tokens;
}

bool wd_fingerprint_unpack(wd_span packed, wd_arena *arena, wd_fingerprint *out)
{
    const unsigned char *from = (const unsigned char *)packed.ptr;
    if (packed.len < HEAD_BYTES || from[0] != VERSION)
        return false;
    size_t agency = from[2], n_title = get16(from + 5), n = get16(from + 7);
    size_t joined = from[1] & JOINED ? sizeof(out->joined) : 0;
    if (n_title > WD_TITLE_WORDS || n > WD_FINGERPRINT_WORDS ||
        packed.len != HEAD_BYTES + agency + 2 * (n_title + n) + joined)
        return false;
    const unsigned char *words = from + HEAD_BYTES + agency;
    wd_fingerprint fp = { .with_title = from[1] & WITH_TITLE,
                          .digest = from[1] & DIGEST,
                          .joined = joined ? get64(words + 2 * (n_title + n)) : 0,
                          .text_hash = get64(from + 9),
                          .title_hash = get64(from + 17),
                          .n_tokens = (uint32_t)n,
                          .n_title_tokens = (uint32_t)n_title };
    fp.credit.agency = wd_credit_known((wd_span){ packed.ptr + HEAD_BYTES, agency });
    if (fp.credit.agency != NULL) {
        fp.credit.place = (wd_credit_place)from[3];
        fp.credit.confidence = (float)from[4] / SURENESS_ONE;
    }
    fp.title_tokens = unpack_words(words, n_title, arena);
    fp.tokens = unpack_words(words + 2 * n_title, n, arena);
    fp.shingles = wd_arena_alloc(arena, (n + 1) * sizeof(*fp.shingles));
    if (fp.title_tokens == NULL || fp.tokens == NULL || fp.shingles == NULL)
        return false;
    wd_shingles_of(fp.tokens, n, fp.shingles);
    *out = fp;
    return true;
}
